import MartletTestSupport
import ResticFormat
import Testing

@Suite struct RepositoryConfigTests {
    private static let id = String(repeating: "ab", count: 32)

    private func config(_ text: String) throws -> RepositoryConfig { try RepositoryConfig(decoding: Array(text.utf8)) }

    @Test func `what is unknown survives`() throws {
        let text = """
            {"version":1,"id":"\(Self.id)","chunker_polynomial":"25b468838dcb75","append_only":true,"x":{"a":[1,"\\u00e9"]}}
            """
        let read = try config(text)
        #expect(read.version == .v1 && read.unknownMembers.map(\.name) == ["append_only", "x"])
        #expect(String(decoding: read.encoded(), as: UTF8.self) == text)
    }

    @Test(arguments: [
        ("", FormatError.Code.malformed), ("{}", .unsupported), ("[]", .malformed),
        (#"{"version":3,"id":"ID","chunker_polynomial":"25b468838dcb75"}"#, .unsupported),
        (#"{"version":0,"id":"ID","chunker_polynomial":"25b468838dcb75"}"#, .unsupported),
        (#"{"version":18446744073709551615,"id":"ID","chunker_polynomial":"25b468838dcb75"}"#, .unsupported),
        (#"{"version":2,"id":"ID","chunker_polynomial":"30a8295b9d5c91"}"#, .unsupported),
        (#"{"version":2,"id":"ID","chunker_polynomial":"7"}"#, .unsupported),
        (#"{"version":2,"id":"ID","chunker_polynomial":"xyz"}"#, .malformed),
        (#"{"version":2,"id":"ab","chunker_polynomial":"25b468838dcb75"}"#, .malformed),
        (#"{"version":2,"chunker_polynomial":"25b468838dcb75"}"#, .malformed),
        (#"{"version":2,"id":"ID"}"#, .malformed),
        (#"{"version":2,"id":"ID","chunker_polynomial":"25b468838dcb75"}x"#, .malformed),
    ])
    func `what is not a config is refused by name`(_ text: String, _ code: FormatError.Code) {
        let filled = text.split(separator: "ID", omittingEmptySubsequences: false).joined(separator: Self.id)
        #expect(Sample.code { _ = try config(filled) } == code)
    }
}
