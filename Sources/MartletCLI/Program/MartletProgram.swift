import ArgumentParser
import Basics

/// The program from its arguments to its exit status, with the outside handed in.
package enum MartletProgram {
    /// - Parameter arguments: without the program's own name.
    package static func run(_ arguments: [String], in context: CommandContext) async -> ExitStatus {
        do {
            let command = try MartletCommand.parseAsRoot(ArgumentPreparation.prepare(arguments))
            guard let runnable = command as? any RunnableCommand else { throw CleanExit.helpRequest(command) }
            return try await runnable.run(in: context)
        } catch {
            return report(error, on: context.console)
        }
    }

    /// Prints `error` and says what the process ends with.
    package static func report(_ error: any Error, on console: Console) -> ExitStatus {
        if let status = reportParsing(error, on: console) { return status }
        let report = ErrorReport(error)
        console.note(String(report.text.dropLast()))
        return report.status
    }

    /// The parser's own answers: help and version on stdout, its complaints in our form. Nil for all other errors.
    private static func reportParsing(_ error: any Error, on console: Console) -> ExitStatus? {
        let code = MartletCommand.exitCode(for: error)
        if code == .success {
            console.line(MartletCommand.message(for: error))
            return .done
        }
        guard code == .validationFailure else { return nil }
        let lines = MartletCommand.fullMessage(for: error).split(separator: "\n", omittingEmptySubsequences: false)
        for line in lines {
            console.note(line.hasPrefix("Error: ") ? "error: \(line.dropFirst(7))" : String(line))
        }
        return .usage
    }
}
