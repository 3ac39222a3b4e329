import ArgumentParser
import Basics
import ClusterBackup
import KubernetesModel
import VeleroAPI

struct BackupCreateCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Back up a cluster's API objects into a store, and on a node the volumes of its pods.",
        discussion: """
            Volumes that are asked for (annotations, policies, --default-volumes-to-fs-backup) are saved if this runs on
            their node, as root; otherwise each is an error of the backup.

            Examples:
              martlet backup create nightly --direct --to ./backups
              martlet backup create study --direct --to ./backups --include-namespaces 'study-*'
              martlet backup create nightly --direct \\
                --to 's3://BUCKET?endpoint=https://HOST:PORT&region=us-east-1&path-style=true'
              martlet backup create nightly --direct --to ./backups --dry-run
              martlet backup create nightly -o yaml    # prints the Backup object and does nothing
            """
    )

    @Argument(help: "The name of the backup; must not exist in the store.")
    var name: String

    @OptionGroup(title: "Where") var targets: TargetOptions
    @OptionGroup(title: "Where") var work: DirectOptions
    @OptionGroup(title: "What to back up") var filters: BackupFilterOptions
    @OptionGroup(title: "How") var options: BackupCreateOptions
    @OptionGroup(title: "Volumes") var node: NodeOptions
    @OptionGroup(title: "Output") var output: ObjectOutputOptions
    @OptionGroup(title: "Cluster") var cluster: ClusterOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let backup = try makeBackup(environment: context.environment)
        if let format = output.format {
            context.console.write(format.text(backup.json))
            return .done
        }
        let storeWord = targets.target ?? "./backups"
        try work.require(
            "martlet backup create", example: "martlet backup create \(name) --direct --to \(storeWord)")
        if work.dryRun {
            return try await BackupPreview(context: context, cluster: cluster).show(request(for: backup, context))
        }
        let url = try targets.url()
        let store = try await context.openStore(url, true)
        let client = try await context.connect(cluster)
        let reporter = ProgressReporter(
            ProgressMeter(verb: "backing up", unit: "objects"), console: context.console, clock: context.clock)
        let volumes =
            node.isOn
            ? try context.localVolumes(
                node, client: client, store: store, url: url,
                namespace: cluster.serviceNamespace(environment: context.environment)) : nil
        let request = try request(for: backup, context)
        // Hooks that make no sense are refused by the backup itself, with what is wrong.
        let hooks = HookRun(
            client: client, spec: (try? BackupHooks(backup.spec.hooks)) ?? BackupHooks(),
            settings: HookSettings(holder: "backup \(backup.namespace)/\(backup.name), run \(request.uid)"),
            clock: context.clock, wallClock: context.wallClock)
        let backups = DirectBackup(
            client: client, store: store, clock: context.wallClock, saver: volumes, bracket: HookStage(hooks))
        let outcome = try await backups.run(request) { progress in
            reporter.update(
                done: progress.itemsBackedUp, total: nil, bytes: ByteCount(progress.bytesWritten))
        }
        return try BackupReport(outcome: outcome, url: url, took: reporter.finish()).show(on: context.console)
    }

    private func request(for backup: Backup, _ context: CommandContext) throws(CommandError) -> BackupRequest {
        BackupRequest(
            name: try BackupNaming.name(backup.name), namespace: backup.namespace, spec: backup.spec,
            labels: backup.labels, annotations: backup.annotations, uid: context.makeUID())
    }

    /// The object that these flags describe.
    func makeBackup(environment: [String: String]) throws -> Backup {
        _ = try BackupNaming.name(name)
        var spec = BackupSpec()
        try filters.apply(to: &spec)
        options.apply(to: &spec)
        var backup = Backup(
            name: name, namespace: cluster.serviceNamespace(environment: environment), spec: spec)
        backup.labels = options.labels.pairs
        backup.annotations = options.annotations.pairs
        return backup
    }
}
