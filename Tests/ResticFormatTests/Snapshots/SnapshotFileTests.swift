import MartletTestSupport
import ResticFormat
import Testing

@Suite struct SnapshotFileTests {
    private static let tree = String(repeating: "0b", count: 32)

    private func snapshot(_ text: String) throws -> SnapshotFile { try SnapshotFile(decoding: Array(text.utf8)) }

    @Test func `every member has its place, unknown ones come last and survive`() throws {
        let text = """
            {"time":"2026-03-04T05:06:07.123456789+01:00","parent":"\(Self.tree)","tree":"\(Self.tree)",\
            "paths":["/a\\u003cb","/ü"],"hostname":"h","username":"u","uid":1000,"gid":100,"excludes":["*.o"],\
            "tags":["x","y=z"],"original":"\(Self.tree)","program_version":"martlet 1","summary":{\
            "backup_start":"2026-03-04T05:06:07Z","backup_end":"2026-03-04T05:06:08Z","files_new":1,"files_changed":2,\
            "files_unmodified":3,"dirs_new":4,"dirs_changed":5,"dirs_unmodified":6,"data_blobs":7,"tree_blobs":8,\
            "data_added":9,"data_added_packed":10,"total_files_processed":11,"total_bytes_processed":12,\
            "total_duration":1.5e-3},"label":"l","delete":{"After":"x"}}
            """
        let read = try snapshot(text)
        #expect(read.paths == ["/a<b", "/ü"] && read.tags == ["x", "y=z"] && read.userID == 1000)
        #expect(read.summary?.filesNew == 1 && read.summary?.totalBytesProcessed == 12)
        #expect(read.summary?.dataAddedPacked == 10 && read.summary?.treeBlobs == 8)
        #expect(read.time.zoneOffset == 3600 && read.time.nanoseconds == 123_456_789)
        #expect(read.unknownMembers.map(\.name) == ["label", "delete"])
        #expect(String(decoding: read.encoded(), as: UTF8.self) == text)
    }

    @Test func `what is empty is left out, but never the paths`() throws {
        let text = #"{"time":"2026-03-04T05:06:07Z","tree":"\#(Self.tree)","paths":[]}"#
        let read = try snapshot(text)
        #expect(read == SnapshotFile(time: read.time, tree: read.tree, paths: []))
        #expect(String(decoding: read.encoded(), as: UTF8.self) == text)
        let nulls = #"{"tree":"\#(Self.tree)","paths":null,"tags":null,"parent":null,"time":null,"summary":null}"#
        #expect(try snapshot(nulls).time == .zero)
    }

    @Test func `a snapshot without a tree is none`() {
        for text in [
            "", "{}", #"{"time":"2026-03-04T05:06:07Z","paths":[]}"#, #"{"tree":"abc"}"#,
            #"{"tree":"\#(Self.tree)","time":"yesterday"}"#, #"{"tree":"\#(Self.tree)","uid":4294967296}"#,
            #"{"tree":"\#(Self.tree)","paths":"/a"}"#, #"{"tree":"\#(Self.tree)","paths":[1]}"#,
        ] {
            #expect(Sample.code { _ = try snapshot(text) } == .malformed, "\(text)")
        }
    }
}
