import KubernetesModel

extension ClusterState {
    /// An owner went: what it owned follows, unless it has another owner.
    mutating func reconcileDependents(of owner: String) {
        for place in (dependents[owner] ?? []).sorted(by: { $0.key < $1.key }) { work.owned.insert(place) }
    }

    /// Deletes an object whose owners are all gone; finishes a deletion that waits for dependents.
    mutating func reconcileOwned(_ place: Place) {
        guard let kind = catalog.named(place.storage), let entry = entry(kind, place.key) else { return }
        let json = object(entry)
        if !(json["metadata", "deletionTimestamp"] ?? .null).isNull {
            finishDeletion(json, entry, kind, place)
            return
        }
        let owners = ClusterState.owners(json)
        guard !owners.isEmpty, owners.allSatisfy({ places[$0] == nil }) else { return }
        markDeleted(kind, place.key)
    }

    private mutating func finishDeletion(_ json: JSONValue, _ entry: StoredEntry, _ kind: ServedKind, _ place: Place) {
        let finalizers = json["metadata", "finalizers"]?.array ?? []
        var object = json
        if finalizers.contains("orphan") {
            for dependent in (dependents[entry.uid] ?? []).sorted(by: { $0.key < $1.key }) {
                orphan(dependent, from: entry.uid)
            }
            object["metadata", "finalizers"] = .array(finalizers.filter { $0 != "orphan" })
        } else if finalizers.contains("foregroundDeletion") {
            for dependent in (dependents[entry.uid] ?? []).sorted(by: { $0.key < $1.key }) {
                guard let dependentKind = catalog.named(dependent.storage) else { continue }
                markDeleted(dependentKind, dependent.key, propagation: .foreground)
            }
            guard dependents[entry.uid] == nil else {
                work.owned.insert(place)
                return
            }
            object["metadata", "finalizers"] = .array(finalizers.filter { $0 != "foregroundDeletion" })
        } else {
            return
        }
        if object["metadata", "finalizers"] == [] { object["metadata", "finalizers"] = nil }
        if isFinished(object, kind) {
            remove(kind, place.key)
        } else {
            store(object, kind: kind, old: entry)
        }
    }

    private mutating func orphan(_ place: Place, from owner: String) {
        guard let kind = catalog.named(place.storage), let entry = entry(kind, place.key) else { return }
        var object = object(entry)
        let kept = (object["metadata", "ownerReferences"]?.array ?? []).filter { $0["uid"] != .string(owner) }
        object["metadata", "ownerReferences"] = kept.isEmpty ? nil : .array(kept)
        store(object, kind: kind, old: entry)
    }
}
