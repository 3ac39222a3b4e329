internal import HTTPTypes
internal import NIOCore

/// Reads answers of HTTP/1.1 and 1.0 out of the bytes of a connection. A value without I/O: feed it what arrives.
///
/// Bounds: a head of at most 128 KiB, 1,000 fields, a chunk's line of at most 4 KiB. Source: RFC 9112, sections 4 to 7 and 9.3.
struct ResponseParser {
    enum Event {
        case head(HTTPResponse)
        case body(ByteBuffer)
        case end
    }

    /// Why what arrives is no HTTP.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private enum Phase: Equatable {
        /// No request was sent: bytes are a violation.
        case idle
        case head
        case fixed(Int64)
        case chunkLine
        case chunk(Int64)
        case chunkEnd
        case trailers
        case untilClose
    }

    private struct Declared {
        var length: String?
        var coding: String?
        var connection = ""
    }

    static let largestHead = 128 << 10
    static let mostFields = 1000
    static let longestLine = 4 << 10

    private var phase = Phase.idle
    private var isHead = false
    /// Bytes of a line or a head that is not whole yet.
    private var rest = ByteBuffer()
    private var trailerBytes = 0
    /// Whether the connection can serve another request after this answer.
    private(set) var keepsAlive = true
    /// What the head under way says of the body and of the connection.
    private var declared = Declared()
    /// Whether the first byte of the answer has come.
    private(set) var hasBegun = false

    /// - Parameter isHead: the request is a HEAD, whose answer has no body whatever its head says.
    mutating func begin(isHead: Bool) {
        phase = .head
        self.isHead = isHead
        keepsAlive = true
        hasBegun = false
        trailerBytes = 0
    }

    /// Calls `emit` for what `bytes` completes. After `.end` further bytes are an error until the next `begin`.
    mutating func feed(_ bytes: ByteBuffer, _ emit: (Event) -> Void) throws(Failure) {
        var bytes = bytes
        if rest.readableBytes > 0 {
            rest.writeBuffer(&bytes)
            bytes = rest
            rest = ByteBuffer()
        }
        while bytes.readableBytes > 0 {
            hasBegun = true
            guard try step(&bytes, emit) else {
                rest = bytes
                return
            }
        }
    }

    /// The connection ended.
    /// - Returns: whether that is how the answer ends.
    mutating func close() -> Bool {
        defer { phase = .idle }
        return phase == .untilClose
    }

    /// False if more bytes are needed.
    private mutating func step(_ bytes: inout ByteBuffer, _ emit: (Event) -> Void) throws(Failure) -> Bool {
        switch phase {
        case .idle: throw Failure(description: "bytes that nobody asked for")
        case .head:
            guard let head = try takeHead(&bytes) else { return false }
            guard !head.status.isInterim else { return true }
            emit(.head(head))
            phase = try framing(of: head)
            if phase == .fixed(0) { finish(emit) }
        case .fixed(let left):
            let chunk = take(left, from: &bytes)
            emit(.body(chunk))
            phase = .fixed(left - Int64(chunk.readableBytes))
            if phase == .fixed(0) { finish(emit) }
        case .chunkLine:
            guard let line = try takeLine(&bytes) else { return false }
            let size = line.prefix { $0 != ";" && $0 != " " && $0 != "\t" }
            guard let length = Int64(size, radix: 16), length >= 0, size.first != "+" else {
                throw Failure(description: "a chunk without a length")
            }
            phase = length == 0 ? .trailers : .chunk(length)
        case .chunk(let left):
            let chunk = take(left, from: &bytes)
            emit(.body(chunk))
            phase = left == Int64(chunk.readableBytes) ? .chunkEnd : .chunk(left - Int64(chunk.readableBytes))
        case .chunkEnd:
            guard let line = try takeLine(&bytes) else { return false }
            guard line.isEmpty else { throw Failure(description: "a chunk longer than it says") }
            phase = .chunkLine
        case .trailers:
            guard let line = try takeLine(&bytes) else { return false }
            trailerBytes += line.utf8.count
            guard trailerBytes <= ResponseParser.largestHead else { throw Failure(description: "endless trailers") }
            if line.isEmpty { finish(emit) }
        case .untilClose:
            emit(.body(bytes))
            bytes = ByteBuffer()
        }
        return true
    }

    private mutating func finish(_ emit: (Event) -> Void) {
        phase = .idle
        emit(.end)
    }

    private func take(_ limit: Int64, from bytes: inout ByteBuffer) -> ByteBuffer {
        let count = Int(min(limit, Int64(bytes.readableBytes)))
        return bytes.readSlice(length: count) ?? ByteBuffer()
    }

    /// Nil until the end of the line is there.
    private func takeLine(_ bytes: inout ByteBuffer) throws(Failure) -> String? {
        let view = bytes.readableBytesView
        guard let end = view.firstIndex(of: 0x0A) else {
            guard view.count <= ResponseParser.longestLine else { throw Failure(description: "a line without end") }
            return nil
        }
        var text = view[..<end]
        if text.last == 0x0D { text = text.dropLast() }
        let line = String(decoding: text, as: UTF8.self)
        bytes.moveReaderIndex(to: end + 1)
        return line
    }

    /// How the body of an answer is delimited (section 6.3).
    private mutating func framing(of head: HTTPResponse) throws(Failure) -> Phase {
        if isHead || head.status.code == 204 || head.status.code == 304 { return .fixed(0) }
        if head.status.code == 101 {
            keepsAlive = false
            return .untilClose
        }
        if let coding = declared.coding {
            guard coding.lowercased() == "chunked" else { throw Failure(description: "an unknown transfer coding") }
            // Both: somebody on the way may have been fooled about where the answer ends.
            if declared.length != nil { keepsAlive = false }
            return .chunkLine
        }
        guard let length = declared.length else {
            keepsAlive = false
            return .untilClose
        }
        // A repeated field is joined by commas; equal values are one.
        let values = Set(length.split(separator: ",").map { $0.filter { $0 != " " } })
        guard values.count == 1, let text = values.first, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let count = Int64(text)
        else { throw Failure(description: "no usable Content-Length") }
        return .fixed(count)
    }
}

extension ResponseParser {
    /// Nil until the whole head is there (section 4).
    private mutating func takeHead(_ bytes: inout ByteBuffer) throws(Failure) -> HTTPResponse? {
        guard let length = bytes.withUnsafeReadableBytes(lengthOfHead) else {
            guard bytes.readableBytes <= ResponseParser.largestHead else {
                throw Failure(description: "a head of more than \(ResponseParser.largestHead) bytes")
            }
            return nil
        }
        let result = bytes.withUnsafeReadableBytes { all -> Result<(HTTPResponse, isOld: Bool), Failure> in
            do throws(Failure) {
                return .success(try parseHead(UnsafeRawBufferPointer(rebasing: all[..<length])))
            } catch {
                return .failure(error)
            }
        }
        bytes.moveReaderIndex(forwardBy: length)
        let (head, isOld) = try result.get()
        // No list splitting: the values that matter are alone in practice, and a wrong guess only costs a connection.
        let connection = declared.connection.lowercased()
        keepsAlive = isOld ? connection.contains("keep-alive") : !connection.contains("close")
        return head
    }

    private mutating func parseHead(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> (HTTPResponse, isOld: Bool) {
        var lines = HeadLines(bytes)
        guard let status = lines.next(), status.count >= 12, status.starts(with: Array("HTTP/1.".utf8)),
            status[8] == 0x20, let code = number(status[9..<12]), code >= 100
        else { throw Failure(description: "the answer does not begin as one of HTTP/1.1") }
        let reason = status.count > 13 ? String(decoding: status[13...], as: UTF8.self) : ""
        var head = HTTPResponse(status: .init(code: code, reasonPhrase: reason.filter { $0.isASCII }))
        head.headerFields.reserveCapacity(16)
        declared = Declared()
        var count = 0
        while let line = lines.next(), !line.isEmpty {
            guard let colon = line.firstIndex(of: 0x3A), colon > 0 else {
                throw Failure(description: "a header line without a name")
            }
            var value = line[(colon + 1)...]
            while let first = value.first, first == 0x20 || first == 0x09 { value = value.dropFirst() }
            while let last = value.last, last == 0x20 || last == 0x09 { value = value.dropLast() }
            guard let name = HTTPField.Name(String(decoding: line[..<colon], as: UTF8.self)) else {
                throw Failure(description: "a header line with an impossible name")
            }
            let text = String(decoding: value, as: UTF8.self)
            note(name, text)
            head.headerFields.append(HTTPField(name: name, value: text))
            count += 1
            guard count <= ResponseParser.mostFields else { throw Failure(description: "too many header lines") }
        }
        return (head, isOld: status[7] == 0x30)
    }

    /// Remembered here because looking fields up builds an index of all of them, for each answer.
    private mutating func note(_ name: HTTPField.Name, _ value: String) {
        switch name {
        case .contentLength: declared.length = declared.length.map { "\($0),\(value)" } ?? value
        case .transferEncoding: declared.coding = declared.coding.map { "\($0),\(value)" } ?? value
        case .connection: declared.connection += "," + value
        default: break
        }
    }

    private func number(_ digits: Slice<UnsafeRawBufferPointer>) -> Int? {
        var value = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        return value
    }
}

/// The length of a head with the empty line that ends it; nil if it is not whole.
private func lengthOfHead(_ bytes: UnsafeRawBufferPointer) -> Int? {
    var index = 0
    while index < bytes.count {
        guard bytes[index] == 0x0A else {
            index += 1
            continue
        }
        var next = index + 1
        if next < bytes.count, bytes[next] == 0x0D { next += 1 }
        if next < bytes.count, bytes[next] == 0x0A { return next + 1 }
        index += 1
    }
    return nil
}

/// The lines of a head, without their ends.
private struct HeadLines {
    private let bytes: UnsafeRawBufferPointer
    private var index = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func next() -> UnsafeRawBufferPointer? {
        guard index < bytes.count else { return nil }
        var end = index
        while end < bytes.count, bytes[end] != 0x0A { end += 1 }
        var last = end
        if last > index, bytes[last - 1] == 0x0D { last -= 1 }
        let line = UnsafeRawBufferPointer(rebasing: bytes[index..<last])
        index = end + 1
        return line
    }
}

extension HTTPResponse.Status {
    /// An answer before the answer; 101 is one itself.
    fileprivate var isInterim: Bool { (100..<200).contains(code) && code != 101 }
}
