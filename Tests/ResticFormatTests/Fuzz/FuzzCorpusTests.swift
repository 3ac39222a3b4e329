import MartletTestSupport
import Testing

/// The corpus of the fuzzer, replayed. An input whose name begins with "refused-" must be refused, every other accepted.
@Suite struct FuzzCorpusTests {
    struct Input {
        let name: String
        let bytes: [UInt8]
        var isRefused: Bool { name.hasPrefix("refused-") }
    }

    static func corpus(_ parser: FuzzedParser) throws -> [Input] {
        let folder = Fixtures.fuzzCorpus + "/" + parser.rawValue
        return try Fixtures.names(in: folder).map { Input(name: $0, bytes: try Fixtures.bytes(folder + "/" + $0)) }
    }

    @Test(arguments: FuzzedParser.allCases) func `what the corpus holds is accepted or refused as it says`(
        parser: FuzzedParser
    ) throws {
        let inputs = try Self.corpus(parser)
        #expect(inputs.contains { $0.isRefused } && inputs.contains { !$0.isRefused })
        for input in inputs {
            #expect(parser.outcome(of: input.bytes) == (input.isRefused ? .refused : .accepted), "\(input.name)")
        }
    }

    @Test(arguments: FuzzedParser.allCases) func `no truncation traps or is accepted wrongly`(
        parser: FuzzedParser
    ) throws {
        for input in try Self.corpus(parser) {
            for length in 0..<input.bytes.count {
                let wrong = Self.wrong(parser, Array(input.bytes[..<length]))
                #expect(wrong == nil, "\(input.name), the first \(length) bytes")
            }
        }
    }

    /// Each byte becomes others: with a bit changed, a digit, a quote, a bracket, zero, all ones.
    @Test(arguments: FuzzedParser.allCases) func `no changed byte traps or is accepted wrongly`(
        parser: FuzzedParser
    ) throws {
        for input in try Self.corpus(parser) {
            var bytes = input.bytes
            for place in bytes.indices {
                let original = bytes[place]
                for value in [original ^ 1, original ^ 0x80, 0x39, 0x22, 0x5D, 0x00, 0xFF] where value != original {
                    bytes[place] = value
                    let wrong = Self.wrong(parser, bytes)
                    #expect(wrong == nil, "\(input.name), byte \(place) is \(value)")
                }
                bytes[place] = original
            }
        }
    }

    /// Nothing sealed is accepted once a byte of it has changed.
    @Test(arguments: [FuzzedParser.sealed, .packTail]) func `no changed byte of what is sealed is accepted`(
        parser: FuzzedParser
    ) throws {
        for input in try Self.corpus(parser) where !input.isRefused {
            for place in input.bytes.indices {
                var bytes = input.bytes
                bytes[place] ^= 0x10
                // A blob before the header, and its IV, are not read when the end of a pack is.
                let isRead = parser == .sealed || place < 2 || place >= 2 + Self.headerStart(of: input)
                #expect(!isRead || parser.outcome(of: bytes) == .refused, "\(input.name), byte \(place)")
            }
        }
    }

    /// Where the sealed header of a pack begins that is given from its first byte, as its last four bytes say.
    private static func headerStart(of input: Input) -> Int {
        let pack = input.bytes.dropFirst(2)
        let length = pack.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        return pack.count - 4 - length
    }

    private static func wrong(_ parser: FuzzedParser, _ bytes: [UInt8]) -> String? {
        if case .wrong(let complaint) = parser.outcome(of: bytes) { complaint } else { nil }
    }
}
