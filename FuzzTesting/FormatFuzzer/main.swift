import Glibc

/// libFuzzer as a function; its arguments are those of the command line.
/// Source: https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library
@_silgen_name("LLVMFuzzerRunDriver")
func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ test: @convention(c) (UnsafePointer<UInt8>, Int) -> CInt
) -> CInt

/// The parser under test.
let parser: FuzzedParser = {
    guard let name = getenv("MARTLET_FUZZ_PARSER"), let parser = FuzzedParser(rawValue: String(cString: name)) else {
        let names = FuzzedParser.allCases.map(\.rawValue).joined(separator: ", ")
        print("MARTLET_FUZZ_PARSER must be one of: \(names)")
        exit(2)
    }
    return parser
}()

var count = CommandLine.argc
var arguments = CommandLine.unsafeArgv
let status = runFuzzer(&count, &arguments) { start, count in
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    if case .wrong(let complaint) = parser.outcome(of: input) {
        // To abort is how libFuzzer learns of a finding; nothing that is buffered would be seen then.
        let line = Array("accepted wrongly: \(complaint)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
        abort()
    }
    return 0
}
exit(status)
