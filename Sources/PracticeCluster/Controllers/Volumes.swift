import KubernetesModel

extension ClusterState {
    private static let claims = GroupResource("persistentvolumeclaims")
    private static let volumes = GroupResource("persistentvolumes")

    /// Binds a claim to a volume that fits, and lets go of a deleted one that no pod uses.
    ///
    /// Source: Kubernetes documentation, "Persistent Volumes", "Binding" and "Storage Object in Use Protection".
    mutating func reconcileClaim(_ key: ObjectKey) {
        guard let kind = catalog.named(ClusterState.claims), let entry = entry(kind, key) else { return }
        let claim = object(entry)
        guard (claim["metadata", "deletionTimestamp"] ?? .null).isNull else {
            release(kind, entry, finalizer: "kubernetes.io/pvc-protection")
            return
        }
        guard claim["status", "phase"] != "Bound" else { return }
        if let name = claim["spec", "volumeName"]?.string, !name.isEmpty {
            if let volume = object(ClusterState.volumes, ObjectKey(namespace: "", name: name)),
                ClusterState.canTake(volume, claim)
            {
                bind(claim, entry, kind, to: name)
            }
            return
        }
        guard let volumes = catalog.named(ClusterState.volumes) else { return }
        let fitting = keys(of: volumes, in: "").compactMap {
            key -> (key: ObjectKey, size: Quantity, isReserved: Bool)? in
            guard let volume = object(volumes.storage, key), ClusterState.fits(volume, claim),
                let size = Quantity(volume["spec", "capacity", "storage"]?.string ?? "")
            else { return nil }
            return (key, size, volume["spec", "claimRef"] != nil)
        }
        let best = fitting.min { left, right in
            left.isReserved != right.isReserved ? left.isReserved : left.size < right.size
        }
        if let best { bind(claim, entry, kind, to: best.key.name) }
    }

    /// A new volume is available, one whose claim went is released.
    mutating func reconcileVolume(_ name: String) {
        let key = ObjectKey(namespace: "", name: name)
        guard let kind = catalog.named(ClusterState.volumes), let entry = entry(kind, key) else { return }
        var volume = object(entry)
        let reference = volume["spec", "claimRef"]
        let claim = reference.flatMap { reference in
            object(
                ClusterState.claims,
                ObjectKey(
                    namespace: reference["namespace"]?.string ?? "", name: reference["name"]?.string ?? ""))
        }
        let isClaimAlive = claim != nil && (reference?["uid"] == nil || claim?["metadata", "uid"] == reference?["uid"])
        if !(volume["metadata", "deletionTimestamp"] ?? .null).isNull {
            if !isClaimAlive || volume["status", "phase"] != "Bound" {
                release(kind, entry, finalizer: "kubernetes.io/pv-protection")
            }
            return
        }
        let phase: JSONValue
        if volume["status", "phase"] == "Bound", isClaimAlive { return }
        if reference?["uid"] != nil, !isClaimAlive { phase = "Released" } else { phase = "Available" }
        if volume["status", "phase"] != phase {
            volume["status", "phase"] = phase
            store(volume, kind: kind, old: entry)
        }
        for (key, _) in waitingClaims() { work.claims.insert(key) }
    }

    private mutating func waitingClaims() -> [(ObjectKey, JSONValue)] {
        guard let kind = catalog.named(ClusterState.claims), var table = tables[kind.storage] else { return [] }
        let keys = table.sortedKeys()
        tables[kind.storage] = table
        return keys.compactMap { key in
            guard let claim = object(kind.storage, key), claim["status", "phase"] == "Pending",
                (claim["metadata", "deletionTimestamp"] ?? .null).isNull
            else { return nil }
            return (key, claim)
        }
    }

    private mutating func bind(_ claim: JSONValue, _ entry: StoredEntry, _ kind: ServedKind, to name: String) {
        let key = ObjectKey(namespace: "", name: name)
        guard let volumes = catalog.named(ClusterState.volumes), let old = self.entry(volumes, key) else { return }
        var volume = object(old)
        if volume["spec", "claimRef", "uid"] == nil {
            volume["metadata", "annotations", "pv.kubernetes.io/bound-by-controller"] = "yes"
        }
        volume["spec", "claimRef"] = [
            "kind": "PersistentVolumeClaim", "apiVersion": "v1", "uid": .string(entry.uid),
            "namespace": claim["metadata", "namespace"] ?? "", "name": claim["metadata", "name"] ?? "",
            "resourceVersion": .string(String(entry.resourceVersion)),
        ]
        volume["status", "phase"] = "Bound"
        store(volume, kind: volumes, old: old)
        var bound = claim
        if claim["spec", "volumeName"] == nil {
            bound["metadata", "annotations", "pv.kubernetes.io/bound-by-controller"] = "yes"
        }
        bound["metadata", "annotations", "pv.kubernetes.io/bind-completed"] = "yes"
        bound["spec", "volumeName"] = .string(name)
        bound["status", "phase"] = "Bound"
        bound["status", "accessModes"] = volume["spec", "accessModes"]
        bound["status", "capacity"] = volume["spec", "capacity"]
        store(bound, kind: kind, old: entry)
    }

    /// Whether the volume is free or reserved for just this claim.
    private static func canTake(_ volume: JSONValue, _ claim: JSONValue) -> Bool {
        guard let reference = volume["spec", "claimRef"], !reference.isNull else { return true }
        return reference["namespace"] == claim["metadata", "namespace"]
            && reference["name"] == claim["metadata", "name"]
            && (reference["uid"] == nil || reference["uid"] == "" || reference["uid"] == claim["metadata", "uid"])
    }

    private static func fits(_ volume: JSONValue, _ claim: JSONValue) -> Bool {
        guard canTake(volume, claim), (volume["metadata", "deletionTimestamp"] ?? .null).isNull,
            volume["spec", "storageClassName"]?.string ?? "" == claim["spec", "storageClassName"]?.string ?? "",
            let offered = Quantity(volume["spec", "capacity", "storage"]?.string ?? ""),
            let wanted = Quantity(claim["spec", "resources", "requests", "storage"]?.string ?? ""), wanted <= offered
        else { return false }
        let modes = volume["spec", "accessModes"]?.array ?? []
        return (claim["spec", "accessModes"]?.array ?? []).allSatisfy(modes.contains)
    }

    /// Takes the cluster's own protection off a deleted object, which lets it go.
    private mutating func release(_ kind: ServedKind, _ entry: StoredEntry, finalizer: String) {
        var object = object(entry)
        let kept = (object["metadata", "finalizers"]?.array ?? []).filter { $0 != .string(finalizer) }
        object["metadata", "finalizers"] = kept.isEmpty ? nil : .array(kept)
        if isFinished(object, kind) {
            remove(kind, ClusterState.key(of: object))
        } else if object != self.object(entry) {
            store(object, kind: kind, old: entry)
        }
    }
}
