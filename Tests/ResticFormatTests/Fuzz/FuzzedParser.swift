import ResticFormat

/// The parsers of stored bytes, each with what must hold whatever it is given. Used by the tests, which replay the corpus
/// in `Tests/Fixtures/fuzz`, and by the fuzzer of `scripts/fuzz`, which looks for more.
///
/// To be refused is what most inputs deserve. A trap ends the process.
enum FuzzedParser: String, CaseIterable {
    /// The table of a pack, already opened; the first four bytes are the length of what it describes.
    case packHeader = "pack-header"
    /// The end of a pack, sealed header and length field; the first two bytes are the bytes of the pack before.
    case packTail = "pack-tail"
    case index, tree, snapshot, key, config, lock
    /// The JSON of a repository's key, as a key file seals it.
    case masterKey = "master-key"
    /// Anything sealed.
    case sealed
    /// What an unpacked file holds once opened: JSON, or a zstd frame after a byte.
    case unpacked
    /// A zstd frame: the first two bytes are the length that is asked for, and the limit.
    case zstd

    enum Outcome: Hashable {
        case accepted
        case refused
        /// Something that must never be, whatever the input.
        case wrong(String)
    }

    func outcome(of input: [UInt8]) -> Outcome {
        do throws(FormatError) {
            if let complaint = try complaint(about: input) { return .wrong(complaint) }
            return .accepted
        } catch {
            // Every refusal says why, in one line.
            let isOneLine = !error.message.isEmpty && !error.message.contains("\n")
            return isOneLine ? .refused : .wrong("a message that is not one line: \(error.message)")
        }
    }

    /// What was accepted wrongly; nil if all is well.
    private func complaint(about input: [UInt8]) throws(FormatError) -> String? {
        switch self {
        case .packHeader: try packHeaderComplaint(input)
        case .packTail: try packTailComplaint(input)
        case .index: try indexComplaint(input)
        case .tree: try treeComplaint(input)
        case .snapshot: try snapshotComplaint(input)
        case .key: try keyComplaint(input)
        case .config: try configComplaint(input)
        case .lock: try lockComplaint(input)
        case .masterKey: try masterKeyComplaint(input)
        case .sealed: try sealedComplaint(input)
        case .unpacked: try unpackedComplaint(input)
        case .zstd: try zstdComplaint(input)
        }
    }

    private static let tooShort = FormatError(.malformed, "too short to be tried")
}

// MARK: Binary

extension FuzzedParser {
    private func packHeaderComplaint(_ input: [UInt8]) throws(FormatError) -> String? {
        guard input.count >= 4 else { throw Self.tooShort }
        let blobBytes = input[..<4].reversed().reduce(0) { $0 << 8 | Int($1) }
        let text = Array(input[4...])
        let header = try PackHeader.decode(text, blobBytes: blobBytes)
        // Nothing in a header is without meaning: what is accepted is written back as it was.
        guard header.encoded() == text else { return "the header is written otherwise" }
        return Self.complaint(about: header, blobBytes: blobBytes)
    }

    private func packTailComplaint(_ input: [UInt8]) throws(FormatError) -> String? {
        guard input.count >= 2, let key = FuzzKey.key else { throw Self.tooShort }
        let tail = Array(input[2...])
        let fileSize = tail.count + Int(input[0]) + Int(input[1]) << 8
        switch try PackHeader.read(tail: tail, fileSize: fileSize, key: key) {
        case .needs(let count):
            return count > tail.count && count <= fileSize ? nil : "\(count) bytes are asked for"
        case .header(let header):
            let blobBytes =
                fileSize - PackHeader.fileSize(of: header.blobs) + header.blobs.reduce(0) { $0 + $1.range.count }
            return header.fileSize == fileSize
                ? Self.complaint(about: header, blobBytes: blobBytes) : "another file size"
        }
    }

    private static func complaint(about header: PackHeader, blobBytes: Int) -> String? {
        var offset = 0
        for blob in header.blobs {
            guard Int(blob.offset) == offset, blob.range.count >= MasterKey.overhead else {
                return "a gap at \(offset)"
            }
            offset = blob.range.upperBound
        }
        return offset == blobBytes && !header.blobs.isEmpty ? nil : "\(offset) of \(blobBytes) bytes are described"
    }

    private func sealedComplaint(_ input: [UInt8]) throws(FormatError) -> String? {
        guard let key = FuzzKey.key else { return "no key" }
        let plain = try key.open(input)
        guard let iv = InitializationVector(bytes: Array(input.prefix(16))) else { return "opened without an IV" }
        return key.seal(plain, iv: iv) == input ? nil : "an object was opened that the key does not seal"
    }

    private func unpackedComplaint(_ input: [UInt8]) throws(FormatError) -> String? {
        guard let key = FuzzKey.key, let iv = InitializationVector(bytes: Array(1...16)) else { return "no key" }
        let limit = 1 << 16
        let codec = UnpackedCodec(key: key, version: .v2)
        let plain = try codec.open(key.seal(input, iv: iv), with: try Decompressor(), limit: limit)
        if input.first == 0x02 { return plain.count <= limit ? nil : "\(plain.count) bytes, over the limit" }
        return plain == input ? nil : "uncompressed text is given back otherwise"
    }

    private func zstdComplaint(_ input: [UInt8]) throws(FormatError) -> String? {
        guard input.count >= 2 else { throw Self.tooShort }
        let length = Int(input[0]) | Int(input[1]) << 8
        let decompressor = try Decompressor()
        let known = try? input.withSpan { bytes throws(FormatError) in
            try decompressor.decompress(UnsafeRawBufferPointer(rebasing: bytes[2...]), length: length)
        }
        let limited = try input.withSpan { bytes throws(FormatError) in
            try decompressor.decompress(UnsafeRawBufferPointer(rebasing: bytes[2...]), limit: length)
        }
        guard limited.count <= length else { return "\(limited.count) bytes, over the limit of \(length)" }
        return known == nil || known == limited ? nil : "two ways to decompress do not agree"
    }
}

// MARK: JSON

extension FuzzedParser {
    private func indexComplaint(_ input: [UInt8]) throws(FormatError) -> String? {
        let index = try IndexFile(decoding: input)
        for pack in index.packs {
            for blob in pack.blobs
            where blob.range.count < MasterKey.overhead || blob.range.upperBound > Int(UInt32.max) {
                return "a blob at \(blob.range)"
            }
        }
        return try IndexFile(decoding: index.encoded()) == index ? nil : "the index is read back otherwise"
    }

    private func treeComplaint(_ input: [UInt8]) throws(FormatError) -> String? {
        let tree = try Tree(decoding: input)
        guard tree.hasAscendingNames else { return nil }
        let text = try tree.encoded()
        let again = try Tree(decoding: text)
        guard again == tree else { return "the tree is read back otherwise" }
        guard try again.encoded() == text else { return "the tree is written otherwise the second time" }
        return tree.isCanonical(input) == (text == input) ? nil : "canonical or not"
    }

    private func snapshotComplaint(_ input: [UInt8]) throws(FormatError) -> String? {
        let snapshot = try SnapshotFile(decoding: input)
        return try SnapshotFile(decoding: snapshot.encoded()) == snapshot ? nil : "the snapshot is read back otherwise"
    }

    private func keyComplaint(_ input: [UInt8]) throws(FormatError) -> String? {
        let file = try KeyFile(decoding: input)
        // What is accepted may be tried with a password: it must not cost more than the bounds say.
        try file.parameters.check()
        guard file.salt.count == KeyFile.saltLength else { return "a salt of \(file.salt.count) bytes" }
        return try KeyFile(decoding: file.encoded()) == file ? nil : "the key is read back otherwise"
    }

    private func configComplaint(_ input: [UInt8]) throws(FormatError) -> String? {
        let config = try RepositoryConfig(decoding: input)
        guard config.polynomial.degree == Polynomial.repositoryDegree, config.polynomial.isIrreducible else {
            return "the polynomial \(config.polynomial)"
        }
        return try RepositoryConfig(decoding: config.encoded()) == config ? nil : "the config is read back otherwise"
    }

    private func lockComplaint(_ input: [UInt8]) throws(FormatError) -> String? {
        let lock = try LockFile(decoding: input)
        return try LockFile(decoding: lock.encoded()) == lock ? nil : "the lock is read back otherwise"
    }

    private func masterKeyComplaint(_ input: [UInt8]) throws(FormatError) -> String? {
        let key = try MasterKey(json: input)
        let text = key.encodedJSON()
        return try MasterKey(json: text).encodedJSON() == text ? nil : "the key is written otherwise the second time"
    }
}

/// The key that the sealed seeds of the corpus are sealed with: the known answers' key, bytes 0 to 63.
enum FuzzKey {
    static let key = try? MasterKey(encrypt: Array(0..<32), k: Array(32..<48), r: Array(48..<64))
}

extension [UInt8] {
    /// The standard library's own form loses the type of the error.
    fileprivate func withSpan<Result>(
        _ body: (UnsafeRawBufferPointer) throws(FormatError) -> Result
    ) throws(FormatError) -> Result {
        try span.bytes.withUnsafeBytes(body)
    }
}
