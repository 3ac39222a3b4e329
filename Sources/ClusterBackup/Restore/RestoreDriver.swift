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
    private var fates: [String: VolumeFate] = [:]
    /// Objects that others may bring along, and that were looked at.
    private var touched: Set<ObjectReference> = []
    private static let broughtAlong: Set<GroupResource> = [
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
            preserveNodePorts: settings.actions.preserveNodePorts, options: options, clock: clock)
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
            freshKinds: freshKinds)
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
        if let reason = result.stop { stop = stop ?? reason }
        observe(.step(result.step))
    }

    func refuse(_ place: ObjectReference, _ message: String) {
        record(
            ItemResult(
                step: RestoreStep(.fail, target: target(of: place), source: place, reason: message),
                errors: [message]))
    }

    private func target(of place: ObjectReference) -> ObjectReference {
        ObjectReference(
            resource: place.resource, namespace: place.namespace.map(settings.actions.target(of:)), name: place.name)
    }

    // MARK: One object

    /// An object that is ready to be sent.
    struct Turn: Sendable {
        let item: PreparedItem
        let kind: ResourceKind
        let mayExist: Bool

        func perform(with writer: ItemWriter, isDryRun: Bool) async -> ItemResult {
            isDryRun
                ? await writer.plan(item, kind, mayExist: mayExist) : await writer.apply(item, kind)
        }
    }

    /// Prepares an object, after everything that must come before it; nil if it is not sent, which is then recorded.
    private func turn(for item: ArchivedItem, isBroughtAlong: Bool) async -> Turn? {
        let place = item.reference
        if RestoreDriver.broughtAlong.contains(place.resource) { touched.insert(place) }
        do throws(ActionError) {
            guard let stored = try decode(item) else { return nil }
            guard isBroughtAlong || selection.matches(stored.labels) else { return nil }
            let draft = try preparation.draft(of: stored, at: place)
            guard draft.skipReason == nil, decideVolume(draft, at: place) else {
                if let reason = draft.skipReason { skip(place, reason) }
                return nil
            }
            for needed in draft.additionalItems { await bringAlong(needed) }
            let volumeName = draft.object.json["spec", "volumeName"]?.string
            let fate = volumeName.flatMap { fates[$0] }
            let prepared = preparation.finish(draft, at: place, fate: fate)
            if case .provisionedAnew(.nothingSaved)? = fate, place.resource == Restored.persistentVolumeClaims {
                ledger.warn(
                    "claim \(place.namespace ?? "")/\(place.name) comes back with an empty volume: the backup has none "
                        + "of its data")
            }
            try ItemCheck.checkNames(of: prepared.target)
            let kind = try kind(of: prepared)
            guard stop == nil, let mayExist = await ensureNamespace(of: prepared) else { return nil }
            return Turn(
                item: prepared, kind: kind,
                mayExist: mayExist && !(options.isDryRun && writer.freshKinds.contains(place.resource)))
        } catch {
            refuse(place, error.message)
            return nil
        }
    }

    private func skip(_ place: ObjectReference, _ reason: String) {
        record(ItemResult(step: RestoreStep(.skip, target: target(of: place), source: place, reason: reason)))
    }

    /// The stored object, in a version that the cluster serves if the archive has one. Nil if the restore must stop.
    private func decode(_ item: ArchivedItem) throws(ActionError) -> APIObject? {
        let place = item.reference
        guard let bytes = read(item) else { return nil }
        let stored = try ItemCheck.decode(bytes, at: place)
        let versions = served.versions(of: place.resource)
        if versions.contains(stored.groupVersion.version) { return stored }
        let saved = archive.index.otherVersions(of: place.resource)
        guard let version = versions.first(where: saved.contains),
            let other = archive.index.items(of: place.resource, otherVersion: version).find(place)
        else { return stored }
        guard let otherBytes = read(other) else { return nil }
        return try ItemCheck.decode(otherBytes, at: place)
    }

    private func read(_ item: ArchivedItem) -> [UInt8]? {
        do {
            return try archive.bytes(of: item)
        } catch {
            stop = .archive(error)
            return nil
        }
    }

    /// Restores what another object needs first: the volume of a claim, the claim of a pod. What is not in the archive is
    /// none of ours.
    private func bringAlong(_ place: ObjectReference) async {
        guard stop == nil, !touched.contains(place), selection.admits(additional: place),
            let item = archive.index.item(place)
        else { return }
        guard let turn = await turn(for: item, isBroughtAlong: true) else { return }
        record(await turn.perform(with: writer, isDryRun: options.isDryRun))
    }

    /// Decides what becomes of a volume.
    ///
    /// - Returns: whether the object is to be sent.
    private func decideVolume(_ draft: ItemDraft, at place: ObjectReference) -> Bool {
        guard place.resource == Restored.persistentVolumes else { return true }
        let fate = settings.volumes.fate(of: draft.stored)
        fates[place.name] = fate
        guard case .provisionedAnew(let reason) = fate else { return true }
        var result = ItemResult(step: RestoreStep(.skip, target: place, reason: reason.text))
        if case .unsupportedSnapshot(let what) = reason {
            result.step = RestoreStep(.fail, target: place, reason: reason.text)
            result.errors = [
                "volume \(place.name) was not restored: its data lies in \(what), which this version cannot bring back; "
                    + "its claim gets an empty volume"
            ]
        }
        record(result)
        return false
    }

    private func kind(of item: PreparedItem) throws(ActionError) -> ResourceKind {
        let resource = item.target.resource
        let groupVersion = item.object.groupVersion
        guard let kind = served.kind(resource, version: groupVersion.version),
            kind.groupVersion.group == groupVersion.group
        else { throw ActionError(missingKind(item)) }
        guard kind.kind == item.object.kind else {
            throw ActionError(
                "\(item.source) is refused: the object in the archive is a \(item.object.kind), and '\(resource)' are "
                    + "\(kind.kind) objects")
        }
        guard kind.isNamespaced == (item.target.namespace != nil) else {
            throw ActionError(
                "\(item.source) is refused: this cluster has \(resource) "
                    + (kind.isNamespaced ? "in namespaces only" : "outside of namespaces only"))
        }
        return kind
    }

    private func missingKind(_ item: PreparedItem) -> String {
        let resource = item.target.resource
        let wanted = item.object.apiVersion
        let message = "\(item.source) was not restored: this cluster does not serve \(resource) in version \(wanted)"
        if let failure = served.failure(of: resource.group) { return "\(message): \(failure.message)" }
        let versions = served.versions(of: resource)
        if !versions.isEmpty {
            return message + ", only in \(versions.joined(separator: ", ")); give it a served version with a resource "
                + "modifier that replaces /apiVersion, if the fields are the same"
        }
        return message + "; install what defines the kind, or restore its definition too "
            + "(--include-cluster-resources), and run the restore again"
    }
}

extension VolumeFate.Reason {
    var text: String {
        switch self {
        case .podVolumeBackup: "its claim gets a new volume; the data is in a pod volume backup"
        case .unsupportedSnapshot(let what): "its data lies in \(what), which this version cannot bring back"
        case .nothingSaved: "its claim gets a new volume; reclaim policy Delete, and nothing was saved"
        }
    }
}

extension ArchivedItems {
    /// The item of that name, by binary search.
    func find(_ reference: ObjectReference) -> ArchivedItem? {
        var (low, high) = (startIndex, endIndex)
        let wanted = (reference.namespace ?? "", reference.name)
        while low < high {
            let middle = (low + high) / 2
            let found = self[middle].reference
            if (found.namespace ?? "", found.name) < wanted { low = middle + 1 } else { high = middle }
        }
        return low < endIndex && self[low].reference == reference ? self[low] : nil
    }
}
