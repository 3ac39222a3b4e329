import FileSystemBackup

/// Where what a backup saves comes from.
enum BackupSource: Sendable {
    case files([LocalPath])
    case standardInput(name: LocalPath)
    /// What a program prints.
    case program(words: [String], name: LocalPath, environment: [String: String])

    /// Nil for a stream, which is always read.
    var paths: [LocalPath]? {
        if case .files(let paths) = self { paths } else { nil }
    }

    /// - Throws: as `TreeBackup`; `.failed` if the program cannot be run or does not end with exit code 0.
    func run(_ backup: TreeBackup) async throws -> BackupOutcome {
        switch self {
        case .files(let paths): return try await backup.run(paths)
        case .standardInput(let name): return try await backup.run(stream: try .standardInput, at: name)
        case .program(let words, let name, let environment):
            let program = try OutputStreamProgram(words, environment: environment)
            return try await backup.run(stream: program.output, at: name) { try program.waitForSuccess() }
        }
    }
}
