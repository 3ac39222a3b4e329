import ArgumentParser
import Basics
import ClusterBackup
import KubernetesModel
import VeleroAPI
import VeleroControllers

struct RestoreCreateCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Restore a backup's objects into a cluster, and on a node the volumes of its pods.",
        discussion: """
            Pods with saved volumes come back with a container that waits until these are filled. They are filled if this
            runs on their node, as root; otherwise pods come back at once, and each such volume is an error.

            What exists already is left alone, or updated with --existing-resource-policy update; nothing is ever deleted.
            Run again, it goes on where it stopped.

            Examples:
              martlet restore create --from-backup nightly --direct --from ./backups --dry-run
              martlet restore create --from-backup nightly --direct --from ./backups
              martlet restore create --from-backup nightly --direct --from ./backups \\
                --include-namespaces study --namespace-mappings study:study-copy
            """
    )

    @Argument(help: "The name of the restore; default BACKUP-YYYYMMDDhhmmss.")
    var name: String?

    @Option(help: ArgumentHelp("The backup to restore.", valueName: "backup"))
    var fromBackup: String?

    @OptionGroup(title: "Where") var source: SourceOptions
    @OptionGroup(title: "Where") var work: DirectOptions
    @OptionGroup(title: "What to restore") var filters: RestoreFilterOptions
    @OptionGroup(title: "How") var options: RestoreCreateOptions
    @OptionGroup(title: "Volumes") var node: NodeOptions
    @OptionGroup(title: "Volumes") var helper: RestoreHelperOptions
    @OptionGroup(title: "Output") var output: ObjectOutputOptions
    @OptionGroup(title: "Cluster") var cluster: ClusterOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let restore = try makeRestore(context)
        if let format = output.format {
            context.console.write(format.text(restore.json))
            return .done
        }
        let backup = restore.spec.backupName
        try work.require(
            "martlet restore create",
            example: "martlet restore create --from-backup \(backup) --direct --from \(source.source ?? "./backups")")
        let url = try source.url()
        let store = try await context.openStore(url, false)
        let client = try await context.connect(cluster)
        let request = RestoreRequest(
            name: try BackupNaming.restoreName(restore.name), backupName: try BackupNaming.name(backup),
            spec: restore.spec)
        var settings = RestoreOptions()
        settings.isDryRun = work.dryRun
        settings.veleroNamespace = restore.namespace
        var volumes: LocalVolumes?
        if node.isOn {
            settings.waiter = helper.waiter
            volumes = try context.localVolumes(
                node, client: client, store: store, url: url, namespace: restore.namespace)
        }
        let observer = RestoreObserver(context: context, printsSteps: work.dryRun)
        let run = RestoreRun(
            client: client, store: store, request: request, options: settings, clock: context.clock,
            wallClock: context.wallClock, temporaryFolder: context.temporaryFolder, restorer: volumes)
        let outcome = try await run.run(observe: observer.observe)
        let took = observer.finish()
        if !work.dryRun { await keepRecord(of: restore, outcome, in: StoredRestores(store), context.console) }
        return try RestoreReport(restore: restore, outcome: outcome, url: url, took: took, isDryRun: work.dryRun)
            .show(on: context.console)
    }

    /// Tells later commands which backup this came from. A store that refuses it does not fail the restore.
    private func keepRecord(
        of restore: Restore, _ outcome: RestoreOutcome, in restores: StoredRestores, _ console: Console
    ) async {
        if let problem = outcome.recordsProblem {
            console.note("warning: the log and results of this restore are not kept: \(problem)")
            return
        }
        do throws(ClusterBackupError) {
            try await restores.write(outcome.describing(restore))
        } catch {
            console.note("warning: this restore is not recorded in the store: \(ErrorChain.line(error))")
        }
    }

    /// The object that these flags describe.
    private func makeRestore(_ context: CommandContext) throws -> Restore {
        guard let fromBackup else {
            throw CommandError.usage(
                "'--from-backup BACKUP' is missing: which backup should be restored?",
                advice: "See which there are: martlet backup get --from \(source.source ?? "STORE")")
        }
        _ = try BackupNaming.name(fromBackup)
        let name = name ?? "\(fromBackup)-\(HumanTime.digits(context.wallClock.now()))"
        _ = try BackupNaming.restoreName(name)
        var spec = RestoreSpec()
        spec.backupName = fromBackup
        try filters.apply(to: &spec)
        options.apply(to: &spec)
        var restore = Restore(
            name: name, namespace: cluster.serviceNamespace(environment: context.environment), spec: spec)
        restore.labels = options.labels.pairs
        restore.annotations = options.annotations.pairs
        return restore
    }
}

extension RestoreOutcome {
    /// `restore` with what became of it.
    func describing(_ restore: Restore) -> Restore {
        var restore = restore
        restore.status.phase = phase
        restore.status.startTimestamp = started
        restore.status.completionTimestamp = completed
        restore.status.warnings = warningCount
        restore.status.errors = errorCount
        restore.status.failureReason = failureReason
        restore.status.totalItems = counts.total
        restore.status.itemsRestored = counts.restored
        return restore
    }
}
