import ArgumentParser
import Basics

/// The program from its arguments to its exit status, with the outside handed in.
package enum MartletProgram {
    /// Columns of help texts where the terminal does not say, or is wider.
    private static let helpWidth = 100

    /// - Parameter arguments: without the program's own name.
    package static func run(_ arguments: [String], in context: CommandContext) async -> ExitStatus {
        do {
            var command = try MartletCommand.parseAsRoot(ArgumentPreparation.prepare(arguments))
            if let runnable = command as? any RunnableCommand { return try await runnable.run(in: context) }
            try command.run()  // The parser's own commands, `help` among them, and a noun without a verb.
            return .done
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
        guard code == .success || code == .validationFailure else { return nil }
        let columns = console.output.isTerminal ? min(console.output.width, helpWidth) : helpWidth
        let text = MartletCommand.fullMessage(for: error, columns: columns)
        if code == .success {
            console.write(text.hasSuffix("\n") ? text : text + "\n")
            return .done
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            console.note(line.hasPrefix("Error: ") ? "error: \(line.dropFirst(7))" : String(line))
        }
        return .usage
    }
}
