import Glibc

/// The parser under test: the environment variable says which.
private let parser: FuzzedParser = {
    guard let name = getenv("MARTLET_FUZZ_PARSER"), let parser = FuzzedParser(rawValue: String(cString: name)) else {
        let names = FuzzedParser.allCases.map(\.rawValue).joined(separator: ", ")
        print("MARTLET_FUZZ_PARSER must be one of: \(names)")
        exit(2)
    }
    return parser
}()

/// What libFuzzer calls with every input. To abort is how it learns of a finding.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    if case .wrong(let complaint) = parser.outcome(of: input) {
        print("accepted wrongly: \(complaint)")
        abort()
    }
    return 0
}
