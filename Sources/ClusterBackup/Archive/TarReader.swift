internal import Basics

/// Reads a tar stream that is pushed in chunks of any size, and tells a receiver what it finds. Trusts nothing.
///
/// States: `header` collects a block; `body` counts an entry's bytes down; `padding` skips to the next block; `end` has
/// seen the first zero block. Only regular files reach the receiver; folders are passed over; links, devices and
/// sparse files are refused. Memory: one block, and at most `maximumMetadata` of pax records.
struct TarReader {
    /// The longest path and the longest set of pax records that are read; honest ones have under 1 KiB.
    static let maximumMetadata = 64 << 10
    static let maximumPath = 4096

    private enum Body { case file, folder, paxRecords, globalPaxRecords, longName }
    private enum State {
        case header
        case body(Body, remaining: Int64, padding: Int)
        case padding(Int)
        /// Zero blocks seen.
        case end(blocks: Int)
    }

    private let limits: ArchiveLimits
    private var state = State.header
    private var block: [UInt8] = []
    private var metadata: [UInt8] = []
    private var pathOverride: String?
    private var sizeOverride: Int64?
    private var entryPath = ""
    /// Bytes of the unpacked stream so far.
    private(set) var offset: Int64 = 0
    private(set) var entryCount = 0

    init(limits: ArchiveLimits) {
        self.limits = limits
        block.reserveCapacity(TarHeader.blockSize)
    }

    /// - Throws: `.damaged`, `.hostile` or `.tooLarge`, naming the entry and the offset; what the receiver throws.
    mutating func consume(
        _ bytes: UnsafeRawBufferPointer, receiver: inout some TarReceiver
    ) throws(ClusterBackupError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard offset + Int64(rest.count) <= limits.totalSize.bytes else {
                throw ClusterBackupError(.tooLarge, "the archive unpacks to more than \(limits.totalSize)")
            }
            let used: Int
            switch state {
            case .header: used = try collectHeader(rest, &receiver)
            case .body(let body, let remaining, let padding):
                used = Int(min(Int64(rest.count), remaining))
                let part = UnsafeRawBufferPointer(rebasing: rest.prefix(used))
                try take(part, of: body, remaining: remaining - Int64(used), padding: padding, &receiver)
            case .padding(let count):
                used = min(rest.count, count)
                state = used == count ? .header : .padding(count - used)
            case .end(let blocks): used = try collectEnd(rest, blocks)
            }
            rest = rest.dropFirst(used)
            offset += Int64(used)
        }
    }

    /// - Throws: `.damaged` unless the stream had its end-of-archive mark.
    func finish() throws(ClusterBackupError) {
        guard case .end(let blocks) = state, blocks >= 2, block.isEmpty else {
            let place = entryPath.isEmpty ? "" : ", the last entry being \(quoted(entryPath))"
            throw ClusterBackupError(.damaged, "the archive ends early, at byte \(offset)\(place)")
        }
    }

    private mutating func collectHeader(
        _ rest: Slice<UnsafeRawBufferPointer>, _ receiver: inout some TarReceiver
    ) throws(ClusterBackupError) -> Int {
        let used = min(TarHeader.blockSize - block.count, rest.count)
        block.append(contentsOf: rest.prefix(used))
        guard block.count == TarHeader.blockSize else { return used }
        defer { block.removeAll(keepingCapacity: true) }
        if block.allSatisfy({ $0 == 0 }) {
            state = .end(blocks: 1)
            return used
        }
        let header = try parseHeader()
        try begin(header, &receiver)
        return used
    }

    private func parseHeader() throws(ClusterBackupError) -> TarHeader {
        var result: Result<TarHeader, TarHeader.Problem>?
        block.withUnsafeBytes { bytes in
            do throws(TarHeader.Problem) {
                result = .success(try TarHeader(bytes))
            } catch {
                result = .failure(error)
            }
        }
        switch result {
        case .success(let header)?: return header
        case .failure(let problem)?: throw failure(.damaged, "broken header (\(problem))")
        case nil: preconditionFailure("the closure always sets a result")
        }
    }

    private mutating func begin(
        _ header: TarHeader, _ receiver: inout some TarReceiver
    ) throws(ClusterBackupError) {
        var header = header
        switch header.type {
        case UInt8(ascii: "x"), UInt8(ascii: "g"), UInt8(ascii: "L"):
            guard header.size <= Int64(TarReader.maximumMetadata) else {
                throw failure(.tooLarge, "\(header.size) bytes of extended header")
            }
            metadata.removeAll(keepingCapacity: true)
            let body: Body =
                switch header.type {
                case UInt8(ascii: "x"): .paxRecords
                case UInt8(ascii: "g"): .globalPaxRecords
                default: .longName
                }
            try enter(body, size: header.size, &receiver)
            return
        default: break
        }
        header.path = pathOverride ?? header.path
        header.size = sizeOverride ?? header.size
        pathOverride = nil
        sizeOverride = nil
        entryPath = header.path
        entryCount += 1
        guard entryCount <= limits.entryCount else { throw failure(.tooLarge, "over \(limits.entryCount) entries") }
        guard header.path.utf8.count <= TarReader.maximumPath else { throw failure(.tooLarge, "the path is too long") }
        switch header.type {
        case UInt8(ascii: "0"), 0:
            guard header.size <= limits.entrySize.bytes else {
                throw failure(.tooLarge, "\(header.size) bytes, over the limit of \(limits.entrySize)")
            }
            try receiver.beginFile(path: header.path, size: header.size, at: offset)
            try enter(.file, size: header.size, &receiver)
        case UInt8(ascii: "5"):
            guard header.size == 0 else { throw failure(.damaged, "a folder with content") }
            try enter(.folder, size: 0, &receiver)
        default:
            throw failure(.hostile, "neither a file nor a folder (type \(quoted(String(UnicodeScalar(header.type)))))")
        }
    }

    private mutating func enter(
        _ body: Body, size: Int64, _ receiver: inout some TarReceiver
    ) throws(ClusterBackupError) {
        let padding = Int((512 - size % 512) % 512)
        if size == 0 {
            try take(UnsafeRawBufferPointer(start: nil, count: 0), of: body, remaining: 0, padding: 0, &receiver)
        } else {
            state = .body(body, remaining: size, padding: padding)
        }
    }

    private mutating func take(
        _ part: UnsafeRawBufferPointer, of body: Body, remaining: Int64, padding: Int,
        _ receiver: inout some TarReceiver
    ) throws(ClusterBackupError) {
        switch body {
        case .file: try receiver.fileBytes(part)
        case .folder: break
        case .paxRecords, .globalPaxRecords, .longName: metadata.append(contentsOf: part)
        }
        guard remaining == 0 else {
            state = .body(body, remaining: remaining, padding: padding)
            return
        }
        state = padding == 0 ? .header : .padding(padding)
        switch body {
        case .file: try receiver.endFile()
        case .paxRecords: try applyRecords()
        case .longName: pathOverride = try text(metadata.prefix { $0 != 0 })
        case .folder, .globalPaxRecords: break
        }
    }

    private mutating func collectEnd(
        _ rest: Slice<UnsafeRawBufferPointer>, _ blocks: Int
    ) throws(ClusterBackupError) -> Int {
        guard rest.allSatisfy({ $0 == 0 }) else { throw failure(.damaged, "bytes after the end of the archive") }
        // `block` holds no bytes here: only the number of zeros counts, modulo the size of a block.
        let total = block.count + rest.count
        block = Array(repeating: 0, count: total % TarHeader.blockSize)
        state = .end(blocks: min(blocks + total / TarHeader.blockSize, 1 << 20))
        return rest.count
    }

    /// pax records: `LENGTH KEY=VALUE\n`, the length counting itself.
    private mutating func applyRecords() throws(ClusterBackupError) {
        var rest = metadata[...]
        while !rest.isEmpty {
            guard let blank = rest.firstIndex(of: 0x20), blank - rest.startIndex <= 6,
                let length = Int(String(decoding: rest[..<blank], as: UTF8.self)),
                length > blank - rest.startIndex + 1, length <= rest.count,
                rest[rest.startIndex + length - 1] == 0x0A
            else { throw failure(.damaged, "broken extended header") }
            let record = rest[(blank + 1)..<(rest.startIndex + length - 1)]
            guard let equals = record.firstIndex(of: UInt8(ascii: "=")) else {
                throw failure(.damaged, "broken extended header")
            }
            try apply(String(decoding: record[..<equals], as: UTF8.self), record[(equals + 1)...])
            rest = rest.dropFirst(length)
        }
    }

    private mutating func apply(_ key: String, _ value: ArraySlice<UInt8>) throws(ClusterBackupError) {
        switch key {
        case "path": pathOverride = try text(value)
        case "size":
            guard let size = Int64(String(decoding: value, as: UTF8.self)), size >= 0 else {
                throw failure(.damaged, "broken size in the extended header")
            }
            sizeOverride = size
        case _ where key.hasPrefix("GNU.sparse"): throw failure(.hostile, "a sparse file")
        default: break  // Times, owners and comments do not matter here.
        }
    }

    private func text(_ bytes: ArraySlice<UInt8>) throws(ClusterBackupError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw failure(.damaged, "a path not in UTF-8")
        }
        return text
    }

    private func failure(_ code: ClusterBackupError.Code, _ what: String) -> ClusterBackupError {
        let name = entryPath.isEmpty ? "" : " at or after \(quoted(entryPath))"
        return ClusterBackupError(code, "archive entry\(name), byte \(offset): \(what)")
    }
}

/// Learns what `TarReader` finds: for each regular file a begin, its bytes in pieces, an end.
protocol TarReceiver {
    mutating func beginFile(path: String, size: Int64, at offset: Int64) throws(ClusterBackupError)
    mutating func fileBytes(_ bytes: UnsafeRawBufferPointer) throws(ClusterBackupError)
    mutating func endFile() throws(ClusterBackupError)
}
