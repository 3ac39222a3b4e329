import ArgumentParser

/// A command that does something, with the outside handed in.
protocol RunnableCommand: ParsableCommand {
    /// - Returns: `.done`, or what the output already explained: `.partlyFailed`, `.notFound`.
    /// - Throws: what went wrong otherwise; the program prints it.
    func run(in context: CommandContext) async throws -> ExitStatus
}
