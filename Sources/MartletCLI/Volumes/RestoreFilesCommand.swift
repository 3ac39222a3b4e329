import ArgumentParser
import Basics
import ClusterBackup
import FileSystemBackup
import KubernetesClient
import ObjectStorage
import ResticFormat
import ResticRepository
import VeleroAPI
import VeleroControllers

struct RestoreFilesCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "files",
        abstract: "Bring files of a saved volume back: into a folder, or in place into the volume of a running pod.",
        discussion: """
            Without --volume it lists the volumes that a backup has. Files that are there already are made equal to the saved
            ones; others stay unless --delete is said.

            Examples:
              martlet restore files --from-backup nightly --from ./backups
              martlet restore files etc/app.conf --from-backup nightly --from ./backups \\
                --volume study/catalog-0/data --target ./found
              martlet restore files --from-backup nightly --from ./backups --volume study/data-redis-0 --in-place --dry-run
            """
    )

    @Argument(help: ArgumentHelp("Files and folders of the volume; default all.", valueName: "path"))
    var paths: [String] = []

    @Option(help: ArgumentHelp("The backup.", valueName: "backup"))
    var fromBackup: String

    @OptionGroup(title: "Where") var source: SourceOptions

    @Option(
        help: ArgumentHelp("The saved volume: NAMESPACE/POD/VOLUME or NAMESPACE/CLAIM.", valueName: "volume"))
    var volume: String?

    @Option(name: [.customShort("t"), .long], help: ArgumentHelp("The folder to restore into.", valueName: "folder"))
    var target: String?

    @Flag(help: "Restore into the volume of the pod that runs on this node now. Stop what writes to it before.")
    var inPlace = false

    @Flag(help: "Remove what the saved volume does not have.")
    var delete = false

    @Flag(help: "Print what would be done, and do nothing.")
    var dryRun = false

    @Flag(name: [.customLong("yes"), .customLong("confirm")], help: "Do not ask.")
    var saysYes = false

    @OptionGroup(title: "Volumes") var node: NodeOptions
    @OptionGroup(title: "Cluster") var cluster: ClusterOptions

    func validate() throws {
        if volume == nil, target != nil || inPlace || !paths.isEmpty {
            throw ValidationError("which volume? Name it with --volume; without it the saved volumes are listed")
        }
        if target != nil, inPlace { throw ValidationError("--target and --in-place exclude each other") }
        if volume != nil, target == nil, !inPlace {
            throw ValidationError("where to? Say --target FOLDER, or --in-place")
        }
    }

    func run(in context: CommandContext) async throws -> ExitStatus {
        let url = try source.url()
        let store = try await context.openStore(url, false)
        let saved = SavedVolumes(try await StoredBackups(store).details(try BackupNaming.name(fromBackup)))
        guard let volume else {
            context.console.write(saved.table.text())
            return .done
        }
        let chosen = try saved.find(volume)
        let client = inPlace ? try await context.connect(cluster) : nil
        let folder = try await folder(chosen, client, context)
        if inPlace, !dryRun {
            try Confirmation.obtain(
                "Files in \(folder), the volume of a pod that runs, are made as they were in backup '\(fromBackup)'"
                    + (delete ? ", and others are removed." : "."), saidYes: saysYes, console: context.console)
        }
        let pool = try pool(store, url, client, context)
        let place = RepositoryPool.Place(location: "", namespace: chosen.spec.podNamespace)
        let options = try restoreOptions()
        let (dryRun, paths) = (dryRun, paths)
        return try await pool.use(place, creates: false) { indexed in
            let stored = try await indexed.repository.snapshot(named: chosen.status.snapshotID ?? "")
            for path in paths {
                _ = try await SnapshotPath { try await indexed.loadTree($0) }
                    .find(LocalPath(path), in: stored.snapshot.tree)
            }
            let report = RestoreProgressReport(context, isJSON: false)
            let restore = TreeRestore(indexed, options: options, observer: report.observe)
            if dryRun {
                report.show(try await restore.plan(stored.snapshot.tree, into: LocalPath(folder)))
                return .done
            }
            report.begin(stored, LocalPath(folder))
            let counts = try await report.following(restore.progress) {
                try await restore.run(stored.snapshot.tree, into: LocalPath(folder))
            }
            report.finish(counts)
            return counts.problems == 0 ? .done : .partlyFailed
        }
    }

    private func folder(
        _ volume: PodVolumeBackup, _ client: APIClient?, _ context: CommandContext
    ) async throws -> String {
        if let target {
            return LocalPath(target).absolute(from: try LocalPath.workingFolder()).description
        }
        guard let client else { return "" }
        let finder = PlaceFinder(client: client, folders: node.folders)
        let spec = volume.spec
        let claim = volume.annotations[VeleroName.pvcName]
        let (pod, name) = try await finder.user(
            of: claim, volume: spec.volume, pod: spec.podName, in: spec.podNamespace)
        return try await finder.folder(of: name, in: pod)
    }

    private func pool(
        _ store: any ObjectStore, _ url: StoreURL, _ client: APIClient?, _ context: CommandContext
    ) throws -> RepositoryPool {
        let password = RepositoryPassword(
            options: NodePasswordOptions(
                file: node.repositoryPasswordFile, command: node.repositoryPasswordCommand), context: context,
            client: client, namespace: cluster.serviceNamespace(environment: context.environment))
        let prefix = try url.repositoryPrefix(context.aliases)
        return RepositoryPool(
            open: { _ in OpenedLocation(store: store, repositoryPrefix: prefix) },
            key: { try await password.find() }, environment: context.repositoryEnvironment)
    }

    private func restoreOptions() throws -> FileSystemBackup.RestoreOptions {
        var options = FileSystemBackup.RestoreOptions()
        options.deletes = delete
        if !paths.isEmpty { options.selection = .including([try PatternList(paths.map(RestoreFilesCommand.pattern))]) }
        return options
    }

    /// A path as a pattern that matches it alone, from the volume's root.
    private static func pattern(_ path: String) -> String {
        let cleaned = LocalPath(path).names.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
        var escaped = "/"
        for character in cleaned {
            if "\\*?[".contains(character) { escaped.append("\\") }
            escaped.append(character)
        }
        return escaped
    }
}
