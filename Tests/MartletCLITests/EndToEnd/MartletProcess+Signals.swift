import Subprocess
import SystemPackage

extension MartletProcess {
    /// Sends `signal` as soon as `isDue` says so; asked again and again, with pauses, until then.
    func run(
        _ arguments: [String], ending signal: Signal, when isDue: @escaping @Sendable () async throws -> Bool
    ) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(FilePath(MartletProcess.program)), arguments: Arguments(arguments), environment: variables,
            input: .none, output: .string(limit: MartletProcess.outputLimit),
            error: .string(limit: MartletProcess.outputLimit)
        ) { execution in
            do {
                while try await !isDue() {  // Ends with the condition, or with the test's time limit.
                    try await Task.sleep(for: .milliseconds(20))
                }
            } catch {
                try execution.send(signal: .kill)
                throw error
            }
            try execution.send(signal: signal)
        }
        return MartletProcess.outcome(result.terminationStatus, result.standardOutput, result.standardError)
    }
}
