import KubernetesClient
import KubernetesModel
import VeleroAPI

/// One object: what comes before it, what becomes of it.
extension RestoreDriver {
    /// An object that is ready to be sent.
    struct Turn: Sendable {
        let item: PreparedItem
        let kind: ResourceKind
        let mayExist: Bool
        /// The account that each new namespace is given.
        let comesByItself: Bool

        func perform(with writer: ItemWriter, isDryRun: Bool) async -> ItemResult {
            isDryRun
                ? await writer.plan(item, kind, mayExist: mayExist, comesByItself: comesByItself)
                : await writer.apply(item, kind, comesByItself: comesByItself)
        }
    }

    /// Prepares an object, after everything that must come before it; nil if it is not sent, which is then recorded.
    func turn(for item: ArchivedItem, isBroughtAlong: Bool) async -> Turn? {
        let place = item.reference
        if let other = otherName(of: place) {
            skip(place, "it comes back as \(other.resource)")
            return nil
        }
        do throws(ActionError) {
            guard let stored = try decode(item) else { return nil }
            // One that the labels leave out may still be brought along by another object later.
            guard isBroughtAlong || selection.matches(stored.labels) else { return nil }
            if RestoreDriver.broughtAlong.contains(place.resource) { touched.insert(place) }
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
                mayExist: mayExist && !(options.isDryRun && writer.freshKinds.contains(place.resource)),
                comesByItself: comesByItself(prepared.target))
        } catch {
            touched.insert(place)  // Once is enough, whoever asks for it.
            refuse(place, error.message)
            return nil
        }
    }

    /// The newer name of an object that the server offered under two, if the archive has it and it is restored.
    private func otherName(of place: ObjectReference) -> ObjectReference? {
        guard let home = RestoreDriver.homes[place.resource] else { return nil }
        let other = ObjectReference(resource: home, namespace: place.namespace, name: place.name)
        guard selection.includes(other), served.kind(home) != nil, archive.index.item(other) != nil else { return nil }
        return other
    }

    /// Servers before 1.22 list these under both names, and Velero saves Ingresses under both.
    private static let homes: [GroupResource: GroupResource] = [
        GroupResource("ingresses.extensions"): GroupResource("ingresses.networking.k8s.io"),
        GroupResource("networkpolicies.extensions"): GroupResource("networkpolicies.networking.k8s.io"),
        GroupResource("deployments.extensions"): GroupResource("deployments.apps"),
        GroupResource("daemonsets.extensions"): GroupResource("daemonsets.apps"),
        GroupResource("replicasets.extensions"): GroupResource("replicasets.apps"),
    ]

    /// Whether the cluster makes the object in a namespace that is new with this restore.
    private func comesByItself(_ target: ObjectReference) -> Bool {
        guard target.resource == Restored.serviceAccounts, target.name == "default", let namespace = target.namespace
        else { return false }
        switch namespaces[namespace] {
        case .made, .planned: return true
        default: return false
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
