import MartletTestSupport
import ResticFormat
import Testing

@Suite struct PackTests {
    private struct Made {
        let pack: FinishedPack
        let contents: [[UInt8]]
    }

    private func pack(_ count: Int, _ key: MasterKey, _ generator: inout SeededGenerator) throws -> Made {
        var builder = PackBuilder()
        var contents: [[UInt8]] = []
        let compressor = try Compressor()
        for _ in 0..<count {
            let content = Sample.text(Int.random(in: 1...2000, using: &generator), &generator)
            let isCompressed = Bool.random(using: &generator)
            let kind = BlobKind.allCases.randomElement(using: &generator) ?? .data
            let sealed = key.seal(
                isCompressed ? try compressor.compress(content) : content, iv: InitializationVector(using: &generator))
            try builder.append(
                BlobHandle(kind, ResticID(hashing: content)), sealed: sealed,
                uncompressedLength: isCompressed ? content.count : 0)
            contents.append(content)
        }
        let iv = InitializationVector(using: &generator)
        return Made(pack: try builder.finish(key: key, iv: iv), contents: contents)
    }

    @Test func `packs of any blobs are read again from their ends`() throws {
        var generator = SeededGenerator(seed: 11)
        let key = try MasterKey(using: &generator)
        let decompressor = try Decompressor()
        for count in [1, 2, 15, 16, 40] {
            let made = try pack(count, key, &generator)
            let bytes = made.pack.bytes
            #expect(made.pack.id == ResticID(hashing: bytes) && made.pack.header.fileSize == bytes.count)
            #expect(PackHeader.fileSize(of: made.pack.blobs.shuffled(using: &generator)) == bytes.count)
            let tail = bytes.suffix(PackHeader.usualTailLength)
            var read = try PackHeader.read(tail: Array(tail), fileSize: bytes.count, key: key)
            if case .needs(let length) = read {
                read = try PackHeader.read(tail: Array(bytes.suffix(length)), fileSize: bytes.count, key: key)
            }
            #expect(read == .header(made.pack.header))
            for (blob, content) in zip(made.pack.blobs, made.contents) {
                let opened = try key.open(Array(bytes[blob.range]))
                let plain =
                    blob.isCompressed ? try decompressor.decompress(opened, length: blob.plainLength) : opened
                #expect(plain == content && blob.plainLength == content.count)
            }
        }
    }

    @Test func `ten compressed blobs give the known footer`() throws {
        var builder = PackBuilder()
        let key = try Sample.key()
        for byte: UInt8 in 0..<10 {
            let handle = BlobHandle(.data, ResticID(hashing: [byte]))
            try builder.append(handle, sealed: key.seal([byte], iv: Sample.iv(1)), uncompressedLength: 1)
        }
        let pack = try builder.finish(key: key, iv: Sample.iv(2))
        #expect(Array(pack.bytes.suffix(4)) == [0xBA, 0x01, 0x00, 0x00])
    }

    @Test func `a pack is full when the target is reached`() throws {
        let key = try Sample.key()
        let sealed = key.seal([UInt8](repeating: 1, count: 500), iv: try Sample.iv(1))
        var builder = PackBuilder(target: 1000)
        #expect(builder.isEmpty && !builder.isFull)
        try builder.append(BlobHandle(.data, ResticID(hashing: [1])), sealed: sealed)
        #expect(!builder.isEmpty && !builder.isFull)
        try builder.append(BlobHandle(.data, ResticID(hashing: [2])), sealed: sealed)
        #expect(builder.isFull && builder.sealedLength == 1064)
        #expect(Sample.code { _ = try PackBuilder().finish(key: key, iv: Sample.iv(1)) } == .unencodable)
    }

    @Test func `a blob of less than sealing adds is none`() throws {
        var builder = PackBuilder()
        let handle = BlobHandle(.data, ResticID(hashing: []))
        #expect(Sample.code { try builder.append(handle, sealed: [UInt8](repeating: 0, count: 31)) } == .unencodable)
    }

    @Test func `a broken end is named, never believed`() throws {
        var generator = SeededGenerator(seed: 12)
        let key = try MasterKey(using: &generator)
        let bytes = try pack(3, key, &generator).pack.bytes
        func read(_ bytes: [UInt8]) -> FormatError.Code? {
            Sample.code { _ = try PackHeader.read(tail: bytes, fileSize: bytes.count, key: key) }
        }
        func footed(_ length: UInt32) -> [UInt8] {
            bytes.dropLast(4) + (0..<4).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) }
        }
        #expect(read(footed(0)) == .malformed && read(footed(68)) == .malformed)
        #expect(read(footed(.max)) == .limitExceeded && read(footed(16 << 20)) == .malformed)
        #expect(read(footed(100)) == .unauthenticated)
        #expect(read([]) == .malformed && read([1, 2, 3]) == .malformed)
        for length in 0..<bytes.count { #expect(read(Array(bytes[..<length])) != nil) }
        // One byte more before the header: the size no longer adds up.
        #expect(read([0] + bytes) == .malformed)
    }

    @Test func `entries are checked one by one`() throws {
        let id = ResticID(hashing: [1]).bytes
        func header(_ bytes: [UInt8], _ blobBytes: Int) -> FormatError.Code? {
            Sample.code { _ = try PackHeader.decode(bytes, blobBytes: blobBytes) }
        }
        let plain: [UInt8] = [0, 40, 0, 0, 0] + id
        let compressed: [UInt8] = [3, 40, 0, 0, 0, 9, 0, 0, 0] + id
        #expect(header(plain, 40) == nil && header(compressed, 40) == nil && header(plain + compressed, 80) == nil)
        #expect(header([], 0) == .malformed)
        #expect(header(plain, 39) == .malformed && header(plain, 41) == .malformed)
        #expect(header([4] + plain.dropFirst(), 40) == .unsupported)
        #expect(header([0, 31, 0, 0, 0] + id, 31) == .malformed)
        #expect(header([2, 40, 0, 0, 0, 0, 0, 0, 0] + id, 40) == .malformed)
        for length in 1..<plain.count { #expect(header(Array(plain[..<length]), 40) == .malformed) }
        for length in 1..<compressed.count { #expect(header(Array(compressed[..<length]), 40) == .malformed) }
        let huge: [UInt8] = [0, 255, 255, 255, 255] + id
        #expect(header(huge + huge + huge, 3 * 0xFFFF_FFFF) == .malformed)
        #expect(header([UInt8](repeating: 0, count: 3_700_000), 1 << 40) == .malformed)
    }

    @Test func `a header must describe a pack without gaps`() throws {
        let handle = BlobHandle(.data, ResticID(hashing: [1]))
        let first = PackedBlob(handle, offset: 0, sealedLength: 40)
        #expect(Sample.code { _ = try PackHeader([]) } == .unencodable)
        #expect(Sample.code { _ = try PackHeader([first, first]) } == .unencodable)
        let next = PackedBlob(handle, offset: 40, sealedLength: 40)
        #expect(try PackHeader([first, next]).blobs.count == 2)
        #expect(Sample.code { _ = try PackHeader([next]) } == .unencodable)
    }
}
