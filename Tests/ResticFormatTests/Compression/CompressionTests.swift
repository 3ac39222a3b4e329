import MartletTestSupport
import ResticFormat
import Testing

@Suite struct CompressionTests {
    @Test(arguments: CompressionMode.allCases)
    func `every length comes back, one context for all`(_ mode: CompressionMode) throws {
        var generator = SeededGenerator(seed: 8)
        let compressor = try Compressor(mode)
        let decompressor = try Decompressor()
        for length in [0, 1, 2, 100, 4095, 70_000, 700_000] {
            let plain = Sample.text(length, &generator)
            let compressed = try compressor.compress(plain)
            #expect(compressed.count <= Compressor.bound(length))
            #expect(length < 4095 || compressed.count < length / 2)
            #expect(try decompressor.decompress(compressed, length: length) == plain)
            #expect(try decompressor.decompress(compressed, limit: length) == plain)
        }
    }

    @Test func `a declared length that is wrong is a mismatch, whichever way`() throws {
        var generator = SeededGenerator(seed: 9)
        let compressed = try Compressor().compress(Sample.text(5000, &generator))
        let decompressor = try Decompressor()
        for length in [0, 1, 4999, 5001, 100_000] {
            #expect(Sample.code { _ = try decompressor.decompress(compressed, length: length) } == .mismatch)
        }
        #expect(try decompressor.decompress(compressed, length: 5000).count == 5000)
    }

    @Test func `a bomb stops at the limit`() throws {
        let bomb = try Compressor(.max).compress([UInt8](repeating: 0, count: 64 << 20))
        #expect(bomb.count < 10_000)
        let decompressor = try Decompressor()
        for limit in [0, 100, 1 << 20, (64 << 20) - 1] {
            #expect(Sample.code { _ = try decompressor.decompress(bomb, limit: limit) } == .limitExceeded)
        }
    }

    /// The frame of the known tree announces no length.
    @Test func `a frame without a length is read up to the limit`() throws {
        let pack = try KnownRepository.file(.pack, KnownRepository.treePackID)
        let compressed = try Sample.key().open(Array(pack[..<228]))
        let decompressor = try Decompressor()
        #expect(try decompressor.decompress(compressed, limit: 302).count == 302)
        #expect(Sample.code { _ = try decompressor.decompress(compressed, limit: 301) } == .limitExceeded)
        for length in 0..<compressed.count {
            let cut = Array(compressed[..<length])
            #expect(Sample.code { _ = try decompressor.decompress(cut, limit: 1 << 20) } == .malformed)
        }
        // The context is still good.
        #expect(try decompressor.decompress(compressed, limit: 302).count == 302)
    }

    @Test func `random bytes are no frame`() throws {
        var generator = SeededGenerator(seed: 10)
        let decompressor = try Decompressor()
        for _ in 0..<300 {
            let bytes = [0x28, 0xB5, 0x2F, 0xFD] + Sample.bytes(Int.random(in: 0...60, using: &generator), &generator)
            let found = Sample.code { _ = try decompressor.decompress(bytes, limit: 1 << 16) }
            #expect(found == .malformed || found == .limitExceeded || found == .mismatch || found == nil)
        }
    }
}

@Suite struct UnpackedCodecTests {
    private let json = Array(#"{"packs":[]}"#.utf8)

    @Test func `version 1 seals as it is, version 2 compresses, each reads both`() throws {
        let key = try Sample.key()
        let compressor = try Compressor()
        let old = try UnpackedCodec(key: key, version: .v1).seal(json, iv: Sample.iv(1), with: compressor)
        let new = try UnpackedCodec(key: key, version: .v2).seal(json, iv: Sample.iv(1), with: compressor)
        #expect(try key.open(old) == json)
        #expect(try key.open(new).prefix(5) == [0x02, 0x28, 0xB5, 0x2F, 0xFD])
        for version in RepositoryVersion.allCases {
            let codec = UnpackedCodec(key: key, version: version)
            #expect(try codec.open(old, with: Decompressor()) == json)
            #expect(try codec.open(new, with: Decompressor()) == json)
        }
    }

    @Test func `other beginnings are refused, nothing is nothing`() throws {
        let key = try Sample.key()
        let codec = UnpackedCodec(key: key, version: .v2)
        #expect(try codec.open(key.seal([], iv: Sample.iv(1)), with: Decompressor()).isEmpty)
        for first: UInt8 in [0, 1, 3, 0x20, 0xFF] {
            let stored = key.seal([first] + json, iv: try Sample.iv(1))
            #expect(Sample.code { _ = try codec.open(stored, with: Decompressor()) } == .unsupported)
        }
        let bomb = try codec.seal([UInt8](repeating: 0x7B, count: 1 << 20), iv: Sample.iv(2), with: Compressor())
        #expect(Sample.code { _ = try codec.open(bomb, with: Decompressor(), limit: 1000) } == .limitExceeded)
    }
}
