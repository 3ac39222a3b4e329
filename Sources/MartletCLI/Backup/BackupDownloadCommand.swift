import ArgumentParser
import Basics
import ClusterBackup
import NIOCore
import ObjectStorage

struct BackupDownloadCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "download",
        abstract: "Save the archive of a backup as it lies in the store.",
        discussion: """
            The archive holds every object in clear, Secrets included; the file is readable for you alone.

            Examples:
              martlet backup download nightly --from ./backups
              martlet backup download nightly --from ./backups -o /tmp/nightly.tar.gz
            """
    )

    @Argument(help: "The backup.")
    var name: String

    @OptionGroup var source: SourceOptions

    @Option(
        name: [.customShort("o", allowingJoined: true), .customLong("output")],
        help: ArgumentHelp("The file to write; default NAME-data.tar.gz.", valueName: "file"))
    var output: String?

    @Flag(help: "Replace the file if it exists.")
    var force = false

    @OptionGroup(title: "Cluster") var cluster: ClusterOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let backupName = try BackupNaming.name(name)
        let path = output ?? "\(name)-data.tar.gz"
        let store = try await context.openStore(try source.url(), false)
        let archive = try await StoredBackups(store).archive(backupName)
        let file = try OutputFile(path: path, replaces: force)
        let reporter = ProgressReporter(
            ProgressMeter(verb: "downloading", unit: "bytes"), console: context.console, clock: context.clock)
        var written = 0
        do {
            for try await chunk in archive.body {
                try file.write(chunk.readableBytesView)
                written += chunk.readableBytes
                reporter.update(done: written, total: Int(archive.info.size))
            }
            try file.commit()
        } catch {
            reporter.finish()
            file.discard()
            throw error
        }
        let took = reporter.finish()
        context.console.line(
            "Backup \"\(name)\": \(ByteCount(written)) saved to \(path) in \(HumanTime.elapsed(took))")
        return .done
    }
}
