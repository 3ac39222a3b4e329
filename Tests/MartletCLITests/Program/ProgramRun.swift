import Basics
import MartletCLI
import ObjectStorage
import Synchronization

/// What one run of the program in this process did.
struct ProgramRun: Sendable {
    let status: MartletCLI.ExitStatus
    let output: String
    let messages: String

    /// Runs `arguments`, cut at blanks; see below.
    static func of(
        _ arguments: String, store: any ObjectStore = InMemoryObjectStore(), environment: [String: String] = [:],
        answer: String? = nil, shelf: StoreShelf = StoreShelf(), input: [String] = []
    ) async -> ProgramRun {
        await of(
            arguments.split(separator: " ").map(String.init), store: store, environment: environment, answer: answer,
            shelf: shelf, input: input)
    }

    /// Runs `arguments` at noon of 2026-11-22.
    ///
    /// - Parameters:
    ///   - store: what every `--from` and `--to` opens.
    ///   - answer: what a person types where one is asked; nil where nobody is there.
    ///   - shelf: the buckets, folders and files that the everyday commands see.
    ///   - input: the lines of standard input.
    static func of(
        _ arguments: [String], store: any ObjectStore = InMemoryObjectStore(), environment: [String: String] = [:],
        answer: String? = nil, shelf: StoreShelf = StoreShelf(), input: [String] = []
    ) async -> ProgramRun {
        let output = Collected()
        let messages = Collected()
        let lines = Lines(input)
        var readAnswer: (@Sendable () -> String?)?
        if let answer { readAnswer = { @Sendable in answer } }
        let console = Console(
            output: Console.Stream { output.append($0) },
            messages: Console.Stream(isTerminal: answer != nil) { messages.append($0) },
            readAnswer: readAnswer, readInput: { _ in lines.next() })
        var context = CommandContext(
            environment: environment, console: console,
            wallClock: WallClock { Timestamp("2026-11-22T12:00:00Z")! }, clock: ContinuousClock(),
            makeUID: { "00000000-0000-4000-8000-000000000001" }, openStore: { _, _ in store },
            connect: { _ in throw CommandError(.unreachable, "there is no cluster in this test") },
            aliases: shelf.aliases(environment), makeStores: shelf.access)
        context.repositoryHost = .ofTests
        let status = await MartletProgram.run(arguments, in: context)
        return ProgramRun(status: status, output: output.text, messages: messages.text)
    }
}

private final class Lines: Sendable {
    private let rest: Mutex<ArraySlice<String>>

    init(_ lines: [String]) { rest = Mutex(lines[...]) }

    func next() -> String? { rest.withLock { $0.popFirst() } }
}

private final class Collected: Sendable {
    private let bytes = Mutex<[UInt8]>([])

    var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }

    func append(_ more: [UInt8]) -> Bool {
        bytes.withLock { $0 += more }
        return true
    }
}
