import Basics
import MartletTestSupport
import ResticFormat
import Testing

@Suite struct ResticIDTests {
    @Test func `digits and bytes say the same, and order is that of the bytes`() throws {
        var generator = SeededGenerator(seed: 4)
        var earlier = ResticID(using: &generator)
        for _ in 0..<500 {
            let id = ResticID(using: &generator)
            #expect(id.description == Hex.encode(id.bytes))
            #expect(ResticID(id.description) == id && ResticID(bytes: id.bytes) == id)
            #expect(id.shortDescription == Hex.encode(id.bytes[..<4]))
            #expect((earlier < id) == earlier.bytes.lexicographicallyPrecedes(id.bytes))
            earlier = id
        }
    }

    @Test func `nothing but 64 lower-case digits is an id`() throws {
        let good = Array(KnownRepository.treeID.utf8)
        for index in good.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = good
                changed[index] = byte
                let isDigit = (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
                #expect((ResticID(String(decoding: changed, as: UTF8.self)) != nil) == isDigit)
            }
        }
        for text in ["", "ab", String(repeating: "a", count: 63), String(repeating: "a", count: 65)] {
            #expect(ResticID(text) == nil)
        }
        #expect(ResticID(bytes: [1, 2, 3]) == nil)
    }

    /// Source: FIPS 180-4 examples.
    @Test func `hashes are as published, in one piece and in many`() throws {
        let vectors = [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ]
        for (text, hex) in vectors { #expect(ResticID(hashing: Array(text.utf8)).description == hex) }
        var generator = SeededGenerator(seed: 5)
        let bytes = Sample.bytes(10_000, &generator)
        var stream = SHA256Stream()
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...300, using: &generator))
            stream.update(Array(piece))
            rest = rest.dropFirst(piece.count)
        }
        #expect(stream.finish() == ResticID(hashing: bytes))
        #expect(ResticID(hashing: bytes.span.bytes) == ResticID(hashing: bytes))
    }

    @Test func `many blobs at once have the ids that they have alone`() {
        var generator = SeededGenerator(seed: 6)
        for count in 0...20 {
            let blobs = (0..<count).map { _ in Sample.bytes(Int.random(in: 0...3000, using: &generator), &generator) }
            let memory = blobs.map { blob in
                let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: blob.count, alignment: 1)
                copy.copyBytes(from: blob)
                return copy
            }
            defer { for copy in memory { copy.deallocate() } }
            #expect(BlobHash.ids(of: memory.map { UnsafeRawBufferPointer($0) }) == blobs.map { ResticID(hashing: $0) })
        }
    }

    @Test func `paths lead to files and back`() throws {
        let id = try Sample.id(KnownRepository.dataPackID)
        #expect(FileKind.pack.path(id) == "data/c4/\(id)")
        #expect(FileKind.key.path(id) == "keys/\(id)" && FileKind.config.path(id) == "config")
        for kind in FileKind.allCases where kind != .config {
            let found = FileKind.file(at: kind.path(id))
            #expect(found?.kind == kind && found?.id == id)
        }
        let foreign = [
            "", "config", "keys/", "keys/\(id)-tmp-123", "key/\(id)", "data/\(id)", "data/c5/\(id)", "data/c4/c4/\(id)",
            "index/c4/\(id)", "/index/\(id)", "index//\(id)", "index/\(id)/", id.description,
        ]
        for path in foreign { #expect(FileKind.file(at: path) == nil, "\(path)") }
    }
}
