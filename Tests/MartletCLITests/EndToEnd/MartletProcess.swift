import FoundationEssentials
import MartletCLI
import Subprocess
import SystemPackage
import Testing

/// The built program, run as a process of its own.
struct MartletProcess: Sendable {
    /// What one run did.
    struct Outcome: Sendable {
        let status: Int32
        let output: String
        let messages: String

        var text: String { output + messages }
    }

    /// More output than this fails the run.
    static let outputLimit = 16 << 20

    /// Beside the tests: both come out of one build.
    static let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "martlet").path

    /// The whole environment, so that a developer's own cluster is never touched.
    var environment: [String: String]

    init(_ environment: [String: String] = [:]) {
        self.environment = environment.merging(["HOME": "/nonexistent", "PATH": "/usr/bin:/bin"]) { given, _ in given }
    }

    func run(_ arguments: String...) async throws -> Outcome {
        try await run(arguments)
    }

    func run(_ arguments: [String]) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(FilePath(MartletProcess.program)), arguments: Arguments(arguments), environment: variables,
            output: .string(limit: MartletProcess.outputLimit), error: .string(limit: MartletProcess.outputLimit))
        return MartletProcess.outcome(result.terminationStatus, result.standardOutput, result.standardError)
    }

    /// Sends a signal, SIGINT if none is named, as soon as `isUnderWay` holds.
    func interrupt(
        _ arguments: [String], by signal: Signal = .interrupt, when isUnderWay: @escaping @Sendable () -> Bool
    ) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(FilePath(MartletProcess.program)), arguments: Arguments(arguments), environment: variables,
            input: .none, output: .string(limit: MartletProcess.outputLimit),
            error: .string(limit: MartletProcess.outputLimit)
        ) { execution in
            while !isUnderWay() {  // Ends with the condition, or with the test's time limit.
                try await Task.sleep(for: .milliseconds(1))
            }
            try execution.send(signal: signal)
        }
        return MartletProcess.outcome(result.terminationStatus, result.standardOutput, result.standardError)
    }

    var variables: Environment {
        .custom(
            Dictionary(
                environment.compactMap { name, value in Environment.Key(rawValue: name).map { ($0, value) } },
                uniquingKeysWith: { $1 }))
    }

    static func outcome(
        _ status: TerminationStatus, _ output: String, _ messages: String
    ) -> Outcome {
        let code: Int32 =
            switch status {
            case .exited(let code): Int32(code)
            case .signaled(let signal): 128 + Int32(signal)
            }
        return Outcome(status: code, output: output, messages: messages)
    }
}

/// A folder that goes with the test.
struct ScratchFolder: ~Copyable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "martlet-test-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)  // What is left is in the folder for temporary files.
    }

    func contents(_ relative: String = "") -> [String] {
        let names = try? FileManager.default.subpathsOfDirectory(atPath: "\(path)/\(relative)")  // Missing is empty.
        return (names ?? []).sorted()
    }
}
