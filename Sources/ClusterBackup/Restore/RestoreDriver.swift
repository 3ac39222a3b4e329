import Basics
import KubernetesClient
import KubernetesModel
import VeleroAPI

/// Goes through the archive, kind by kind, and decides, sends and records one object after the other; those of one kind
/// are sent concurrently. The plan of a dry run comes from the same steps. Memory: the index of the archive, the objects
/// on their way (`concurrency` of them), and the ledger. Used by one task.
final class RestoreDriver {
    enum NamespaceState {
        case present
        /// By this restore.
        case made
        /// Only in a plan: it would be created first.
        case planned
        case failed(String)
    }

    let client: APIClient
    let archive: BackupArchiveReader
    let options: RestoreOptions
    let clock: any Clock<Duration>
    let observe: @Sendable (RestoreEvent) -> Void
    var preparation: ItemPreparation
    var selection: RestoreSelection
    var writer: ItemWriter
    var ledger: RestoreLedger
    var namespaces: [String: NamespaceState] = [:]
    var stop: RestoreOutcome.Stop?
    var fates: [String: VolumeFate] = [:]
    /// What restored pods wait for, in the order in which they came.
    var pendingVolumes: [PodVolumeRestore] = []
    /// Objects that others may bring along, and that were looked at.
    var touched: Set<ObjectReference> = []
    static let broughtAlong: Set<GroupResource> = [
        Restored.persistentVolumes, Restored.persistentVolumeClaims, Restored.priorityClasses,
    ]

    init(
        client: APIClient, archive: BackupArchiveReader, settings: RestoreSettings, served: ServedKinds,
        options: RestoreOptions, clock: any Clock<Duration>, wallClock: WallClock,
        observe: @escaping @Sendable (RestoreEvent) -> Void
    ) {
        self.client = client
        self.archive = archive
        self.options = options
        self.clock = clock
        self.observe = observe
        preparation = ItemPreparation(settings: settings, served: served)
        selection = RestoreSelection(settings.spec, served: served)
        writer = ItemWriter(
            client: client, served: served, policy: settings.policy,
            preserveNodePorts: settings.actions.preserveNodePorts, options: options, clock: clock,
            volumes: VolumeRestorePlan(settings))
        ledger = RestoreLedger(clock: wallClock)
    }

    var settings: RestoreSettings { preparation.settings }
    var served: ServedKinds { preparation.served }

    /// After the kinds of the server changed.
    func use(_ served: ServedKinds, freshKinds: Set<GroupResource>) {
        preparation = ItemPreparation(settings: settings, served: served)
        selection = RestoreSelection(settings.spec, served: served)
        writer = ItemWriter(
            client: client, served: served, policy: settings.policy,
            preserveNodePorts: settings.actions.preserveNodePorts, options: options, clock: clock,
            freshKinds: freshKinds, volumes: VolumeRestorePlan(settings))
    }

    func run() async {
        let chosen = archive.index.kinds.filter { selection.includes($0) && $0 != Restored.namespaces }
        let total = chosen.reduce(0) { sum, kind in
            sum + archive.index.items(of: kind).lazy.filter { self.selection.includes($0.reference) }.count
        }
        observe(.started(total: total))
        if chosen.contains(Restored.customResourceDefinitions) { await restoreDefinitions() }
        for kind in options.order.sorted(chosen, resolve: { self.served.resolve($0) })
        where kind != Restored.customResourceDefinitions && stop == nil {
            await gatherFacts(for: kind)
            await restore(kind)
        }
    }

    /// Restores the chosen objects of a kind, in order of namespace and name, `concurrency` at a time.
    func restore(_ kind: GroupResource) async {
        let items = archive.index.items(of: kind)
        let (writer, isDryRun) = (writer, options.isDryRun)
        await withTaskGroup(of: ItemResult.self) { group in
            var running = 0
            for item in items where selection.includes(item.reference) {
                if Task.isCancelled { stop = stop ?? .cancelled }
                guard stop == nil else { break }
                guard !touched.contains(item.reference) else { continue }
                guard let turn = await turn(for: item, isBroughtAlong: false) else { continue }
                if running == options.concurrency, let result = await group.next() {
                    record(result)
                    running -= 1
                }
                group.addTask { await turn.perform(with: writer, isDryRun: isDryRun) }
                running += 1
            }
            for await result in group { record(result) }
        }
    }

    func record(_ result: ItemResult) {
        ledger.record(result)
        pendingVolumes += result.volumes
        if let reason = result.stop { stop = stop ?? reason }
        observe(.step(result.step))
    }

    /// Fills the volumes that pods wait for.
    ///
    /// - Returns: what became of each.
    func fillVolumes(_ restorer: any PodVolumeRestorer) async -> [PodVolumeRestore] {
        guard let waiter = settings.actions.waiter, !pendingVolumes.isEmpty, stop == nil else { return [] }
        let pods = Set(pendingVolumes.map { "\($0.spec.podNamespace)/\($0.spec.podName)" }).count
        observe(.note("filling \(pendingVolumes.count) volumes of \(pods) pods"))
        let filled = await restorer.restore(pendingVolumes, restoreUID: waiter.restoreUID)
        for volume in filled { ledger.record(volume) }
        for warning in await restorer.warnings() { ledger.warn(warning) }
        if Task.isCancelled { stop = stop ?? .cancelled }
        return filled
    }

    func refuse(_ place: ObjectReference, _ message: String) {
        record(
            ItemResult(
                step: RestoreStep(.fail, target: target(of: place), source: place, reason: message),
                errors: [message]))
    }

    func target(of place: ObjectReference) -> ObjectReference {
        ObjectReference(
            resource: place.resource, namespace: place.namespace.map(settings.actions.target(of:)), name: place.name)
    }
}
