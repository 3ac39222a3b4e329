internal import Basics
internal import Subprocess
internal import SystemPackage

extension PluginCommand {
    /// Runs the program and waits for its end. Standard error goes to the terminal if the program may talk to a person.
    ///
    /// Output beyond 1 MiB is refused. After a minute, ten if it may ask questions, it is ended, by force if need be.
    package func run(clock: some Clock<Duration> = ContinuousClock()) async throws -> PluginOutput {
        let deadline: Duration = isInteractive ? .seconds(600) : .seconds(60)
        return try await withThrowingTaskGroup(of: PluginOutput?.self) { group in
            group.addTask { try await self.runUnbounded() }
            group.addTask {
                try await clock.sleep(for: deadline)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let output = first else {
                throw PluginDeadline(seconds: deadline.components.seconds)
            }
            return output
        }
    }

    private func runUnbounded() async throws -> PluginOutput {
        let limit = 1 << 20
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
        let executable: Executable = program.contains("/") ? .path(.init(program)) : .name(program)
        let variables = Dictionary(
            environment.compactMap { name, value in Environment.Key(rawValue: name).map { ($0, value) } },
            uniquingKeysWith: { $1 })
        if isInteractive {
            let result = try await Subprocess.run(
                executable, arguments: Arguments(arguments), environment: .custom(variables), platformOptions: options,
                input: .currentStandardInput, output: .string(limit: limit), error: .currentStandardError)
            return PluginOutput(
                exitCode: result.terminationStatus.exitCode, output: Secret(result.standardOutput), errors: "")
        }
        let result = try await Subprocess.run(
            executable, arguments: Arguments(arguments), environment: .custom(variables), platformOptions: options,
            input: .none, output: .string(limit: limit), error: .string(limit: limit))
        return PluginOutput(
            exitCode: result.terminationStatus.exitCode, output: Secret(result.standardOutput),
            errors: result.standardError)
    }
}

private struct PluginDeadline: Error, CustomStringConvertible {
    let seconds: Int64
    var description: String { "it did not end within \(seconds) seconds" }
}

extension TerminationStatus {
    /// As shells have it: 128 and the signal's number for one that was killed.
    fileprivate var exitCode: Int {
        switch self {
        case .exited(let code): Int(code)
        case .signaled(let signal): 128 + Int(signal)
        }
    }
}
