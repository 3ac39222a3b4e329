import ArgumentParser
import Basics
import ResticFormat
import ResticRepository

struct RepoStatsCommand: RepositoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Count what snapshots hold.",
        discussion: """
            Modes: restore-size counts the files as they would be restored; files-by-contents counts equal files once;
            blobs-per-file counts each piece once for each file; raw-data counts what lies in the repository.

            Examples:
              martlet repo stats latest
              martlet repo stats --mode raw-data --json
            """
    )

    @Argument(help: ArgumentHelp("Only these; else all.", valueName: "snapshot"))
    var names: [String] = []

    @Option(help: ArgumentHelp("What to count.", valueName: "mode"))
    var mode = "restore-size"

    @OptionGroup var selection: SnapshotSelectionOptions
    @OptionGroup var reading: ReadingOptions
    @OptionGroup(title: "Repository") var access: RepositoryOptions

    func validate() throws {
        if StatisticsMode(rawValue: mode) == nil {
            throw ValidationError(
                "--mode is one of: \(StatisticsMode.allCases.map(\.rawValue).joined(separator: ", "))")
        }
    }

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let repository = try await access.open(context)
        let filter = selection.filter(context)
        let mode = StatisticsMode(rawValue: mode) ?? .restoreSize
        let statistics = try await access.locked(repository, reading.noLock ? nil : .shared) {
            var snapshots: [StoredSnapshot] = []
            if names.isEmpty {
                snapshots = try await repository.snapshots().filter { filter.matches($0.snapshot) }
            } else {
                for name in names { snapshots.append(try await repository.snapshot(named: name, filter: filter)) }
            }
            return try await repository.loadIndex().statistics(of: snapshots, mode: mode)
        }
        if access.json { context.console.line(json(statistics).text) } else { print(statistics, context.console) }
        return .done
    }

    private func print(_ statistics: RepositoryStatistics, _ console: Console) {
        console.line("snapshots: \(statistics.snapshots)")
        console.line("size:      \(ByteCount(statistics.totalSize)) (\(statistics.totalSize) bytes)")
        if statistics.files > 0 { console.line("files:     \(statistics.files)") }
        if statistics.blobs > 0 { console.line("blobs:     \(statistics.blobs)") }
        if statistics.uncompressedSize > 0 {
            console.line("uncompressed: \(ByteCount(statistics.uncompressedSize))")
        }
    }

    /// restic's object.
    private func json(_ statistics: RepositoryStatistics) -> JSONLine {
        var line = JSONLine()
        line.add("total_size", statistics.totalSize)
        line.add(omittingZero: "total_uncompressed_size", UInt64(clamping: statistics.uncompressedSize))
        if let ratio = statistics.compressionRatio {
            line.add("compression_ratio", json: RepoStatsCommand.number(ratio))
        }
        if let progress = statistics.compressionProgress {
            line.add("compression_progress", json: RepoStatsCommand.number(progress))
        }
        if let saving = statistics.compressionSaving {
            line.add("compression_space_saving", json: RepoStatsCommand.number(saving))
        }
        line.add(omittingZero: "total_file_count", UInt64(clamping: statistics.files))
        line.add(omittingZero: "total_blob_count", UInt64(clamping: statistics.blobs))
        line.add("snapshots_count", Int64(statistics.snapshots))
        return line
    }

    /// As restic writes it: whole numbers without a fraction.
    private static func number(_ number: Double) -> String {
        number.rounded() == number && number.magnitude < 1e15 ? String(Int64(number)) : "\(number)"
    }
}
