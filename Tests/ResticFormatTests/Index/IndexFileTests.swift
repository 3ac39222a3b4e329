import MartletTestSupport
import ResticFormat
import Testing

@Suite struct IndexFileTests {
    static func random(_ packs: Int, _ generator: inout SeededGenerator) -> IndexFile {
        IndexFile(
            packs: (0..<packs).map { _ in
                let count = Int.random(in: 0...20, using: &generator)
                let blobs = (0..<count).map { _ in
                    let handle = BlobHandle(Bool.random(using: &generator) ? .data : .tree, ResticID(using: &generator))
                    return PackedBlob(
                        handle, offset: UInt32.random(in: 0...1 << 31, using: &generator),
                        sealedLength: UInt32.random(in: 32...1 << 30, using: &generator),
                        uncompressedLength: Bool.random(using: &generator)
                            ? 0 : UInt32.random(in: 1...(.max), using: &generator))
                }
                return IndexFile.Pack(id: ResticID(using: &generator), blobs: blobs)
            })
    }

    @Test func `what is written is read again`() throws {
        var generator = SeededGenerator(seed: 13)
        for count in 0..<40 {
            let index = Self.random(count, &generator)
            #expect(try IndexFile(decoding: index.encoded()) == index)
        }
    }

    @Test func `the text is as the format has it`() throws {
        let id = String(repeating: "0a", count: 32)
        let blob = BlobHandle(.data, try Sample.id(id))
        let index = IndexFile(packs: [
            IndexFile.Pack(
                id: blob.id,
                blobs: [
                    PackedBlob(blob, offset: 0, sealedLength: 3_548_484, uncompressedLength: 3_548_358),
                    PackedBlob(BlobHandle(.tree, blob.id), offset: 7, sealedLength: 40),
                ])
        ])
        let text = """
            {"packs":[{"id":"\(id)","blobs":[{"id":"\(id)","type":"data","offset":0,"length":3548484,\
            "uncompressed_length":3548358},{"id":"\(id)","type":"tree","offset":7,"length":40}]}]}

            """
        #expect(String(decoding: index.encoded(), as: UTF8.self) == text)
        #expect(String(decoding: IndexFile(packs: []).encoded(), as: UTF8.self) == "{\"packs\":[]}\n")
    }

    @Test func `members in any order, unknown ones, white space, nulls`() throws {
        let id = String(repeating: "0a", count: 32)
        let text = """
             { "supersedes" : ["\(id)"], "packs_to_delete":[{"id":"\(id)","time":null,"blobs":[{}]}],
              "packs" : [ { "time":"x", "blobs" : [ { "length":50 , "x\\u0041":{"a":[1.5e3,-0,true]}, "offset" : 3,
              "type":"tree" , "id":"\(id)" } ] , "size":12, "id" : "\(id)" } , {"id":"\(id)","blobs":null} ] }
            """
        let index = try IndexFile(decoding: Array(text.utf8))
        let blob = PackedBlob(BlobHandle(.tree, try Sample.id(id)), offset: 3, sealedLength: 50)
        #expect(index.packs == [.init(id: blob.handle.id, blobs: [blob]), .init(id: blob.handle.id, blobs: [])])
        #expect(try IndexFile(decoding: Array("{}".utf8)).packs.isEmpty)
        #expect(try IndexFile(decoding: Array(#"{"packs":null}"#.utf8)).packs.isEmpty)
    }

    @Test(arguments: [
        ("[]", FormatError.Code.unsupported), ("", .malformed), ("{", .malformed), ("{}{}", .malformed),
        (#"{"packs":[{}]}"#, .malformed), (#"{"packs":[{"id":"ID","blobs":[{}]}]}"#, .malformed),
        (#"{"packs":[{"id":"ID","blobs":[{"id":"ID","type":"data","offset":0,"length":31}]}]}"#, .malformed),
        (#"{"packs":[{"id":"ID","blobs":[{"id":"ID","type":"data","offset":4294967295,"length":32}]}]}"#, .malformed),
        (#"{"packs":[{"id":"ID","blobs":[{"id":"ID","type":"data","offset":-1,"length":32}]}]}"#, .malformed),
        (#"{"packs":[{"id":"ID","blobs":[{"id":"ID","type":"data","offset":0,"length":4294967296}]}]}"#, .malformed),
        (#"{"packs":[{"id":"ID","blobs":[{"id":"ID","type":"blob","offset":0,"length":50}]}]}"#, .unsupported),
        (#"{"packs":[{"id":"ID","blobs":[{"type":"data","offset":0,"length":50}]}]}"#, .malformed),
        (#"{"packs":[{"id":"IDa","blobs":[]}]}"#, .malformed),
    ])
    func `what is not an index is refused by name`(_ text: String, _ code: FormatError.Code) {
        let id = String(repeating: "0a", count: 32)
        let filled = text.split(separator: "ID", omittingEmptySubsequences: false).joined(separator: id)
        #expect(Sample.code { _ = try IndexFile(decoding: Array(filled.utf8)) } == code)
    }

    @Test func `an error of the visitor ends the reading`() throws {
        var generator = SeededGenerator(seed: 14)
        let json = Self.random(5, &generator).encoded()
        var count = 0
        let found = Sample.code {
            try IndexFile.scan(json) { _, _ throws(FormatError) in
                count += 1
                if count == 2 { throw FormatError(.mismatch, "enough") }
            }
        }
        #expect(found == .mismatch && count == 2)
    }

    @Test func `too deep is too much`() {
        let text = #"{"x":"# + String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000) + "}"
        #expect(Sample.code { _ = try IndexFile(decoding: Array(text.utf8)) } == .limitExceeded)
    }
}
