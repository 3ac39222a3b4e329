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
            // Of a pack's end, the header is sealed; not the blobs before, and not the length after it.
            let (first, after) = parser == .sealed ? (0, 0) : (Self.headerStart(of: input.bytes), 4)
            for place in input.bytes.indices.dropFirst(first).dropLast(after) {
                var bytes = input.bytes
                bytes[place] ^= 0x10
                #expect(parser.outcome(of: bytes) == .refused, "\(input.name), byte \(place)")
            }
        }
    }

    /// Where the sealed header begins in the end of a pack, which has two bytes before it here; past the end if only a part
    /// of the header is there.
    private static func headerStart(of input: [UInt8]) -> Int {
        let start = input.count - 4 - input.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        return start < 2 ? input.count : start
    }

    private static func wrong(_ parser: FuzzedParser, _ bytes: [UInt8]) -> String? {
        if case .wrong(let complaint) = parser.outcome(of: bytes) { complaint } else { nil }
    }
}
