import Basics
import KubernetesModel

/// Everything that a practice cluster is at one moment. Plain data and synchronous functions: no task, no lock, no
/// clock of its own.
struct ClusterState {
    /// Where an object is kept.
    struct Place: Hashable {
        let storage: GroupResource
        let key: ObjectKey
    }

    let settings: PracticeSettings
    var catalog: KindCatalog
    var tables: [GroupResource: ObjectTable] = [:]
    /// The resource version of the last change.
    var version = 1
    var now: Timestamp
    var random: SplitMix
    var work = PendingWork()
    var allocations = ServiceAllocations()
    /// Where each living object is, by its uid.
    var places: [String: Place] = [:]
    /// The objects that name an owner, by the owner's uid.
    var dependents: [String: Set<Place>] = [:]
    private var objectsMade = 0

    init(_ settings: PracticeSettings) {
        self.settings = settings
        catalog = KindCatalog(minor: settings.version.minor)
        now = settings.start
        random = SplitMix(seed: settings.seed)
        for namespace in ["default", "kube-node-lease", "kube-public", "kube-system"] {
            bootstrap(
                GroupResource("namespaces"),
                [
                    "metadata": ["name": .string(namespace)], "spec": ["finalizers": ["kubernetes"]],
                    "status": ["phase": "Active"],
                ])
        }
        for (name, value) in [("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000)] {
            bootstrap(
                GroupResource("priorityclasses.scheduling.k8s.io"),
                [
                    "metadata": ["name": .string(name), "generation": 1], "value": .number(JSONNumber(value)),
                    "preemptionPolicy": "PreemptLowerPriority",
                ])
        }
        bootstrap(
            GroupResource("services"),
            [
                "metadata": [
                    "name": "kubernetes", "namespace": "default",
                    "labels": ["component": "apiserver", "provider": "kubernetes"],
                ],
                "spec": [
                    "clusterIP": "10.96.0.1", "clusterIPs": ["10.96.0.1"], "type": "ClusterIP",
                    "sessionAffinity": "None",
                    "ports": [["name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443]],
                ], "status": ["loadBalancer": [:]],
            ])
        if settings.controllers == .prompt { settle() }
    }

    private mutating func bootstrap(_ resource: GroupResource, _ json: JSONValue) {
        guard let kind = catalog.named(resource) else { return }
        var object = json
        stampNew(&object, kind: kind)
        store(object, kind: kind, old: nil)
        if resource.resource == "services" { allocations.claim(object, for: ClusterState.key(of: object)) }
    }

    mutating func makeUID() -> String {
        objectsMade += 1
        return settings.uid(objectsMade)
    }

    /// Five characters as the API server appends them to `generateName`.
    mutating func makeSuffix() -> String {
        let alphabet = Array("bcdfghjklmnpqrstvwxz2456789".unicodeScalars)
        var text = ""
        for _ in 0..<5 { text.unicodeScalars.append(alphabet[Int.random(in: 0..<alphabet.count, using: &random)]) }
        return text
    }

    static func key(of object: JSONValue) -> ObjectKey {
        ObjectKey(
            namespace: object["metadata", "namespace"]?.string ?? "", name: object["metadata", "name"]?.string ?? "")
    }

    /// The fields that a new object gets from the server.
    mutating func stampNew(_ object: inout JSONValue, kind: ServedKind) {
        object["metadata", "uid"] = .string(makeUID())
        object["metadata", "creationTimestamp"] = .string(now.wholeSeconds.description)
        object["metadata", "selfLink"] = nil
        object["metadata", "deletionTimestamp"] = nil
        object["metadata", "deletionGracePeriodSeconds"] = nil
    }

    // MARK: Storage

    func entry(_ kind: ServedKind, _ key: ObjectKey) -> StoredEntry? { tables[kind.storage]?[key] }

    /// The object in full, without `apiVersion` and `kind`.
    func object(_ entry: StoredEntry) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(parsing: entry.bytes)
        } catch {
            preconditionFailure("stored bytes are our own serialisation: \(error)")
        }
    }

    func object(_ storage: GroupResource, _ key: ObjectKey) -> JSONValue? {
        tables[storage]?[key].map(object)
    }

    /// Keeps `object` under its name with a new resource version, tells the watches, and notes what the controllers
    /// have to look at.
    @discardableResult
    mutating func store(_ object: JSONValue, kind: ServedKind, old: StoredEntry?) -> StoredEntry {
        version += 1
        var object = object
        object["apiVersion"] = nil
        object["kind"] = nil
        object["metadata", "resourceVersion"] = .string(String(version))
        let key = ClusterState.key(of: object)
        let entry = StoredEntry(
            bytes: object.serialized(), labels: APIObject(object).labels, resourceVersion: version,
            uid: object["metadata", "uid"]?.string ?? "")
        tables[kind.storage, default: ObjectTable()].record(
            TableEvent(resourceVersion: version, key: key, old: old, new: entry), limit: settings.historyLimit)
        let place = Place(storage: kind.storage, key: key)
        places[entry.uid] = place
        index(owners: old.map(self.object).map(ClusterState.owners) ?? [], ClusterState.owners(object), place)
        work.noteChange(of: object, at: place, isNew: old == nil)
        return entry
    }

    /// Takes an object out of the store for good.
    mutating func remove(_ kind: ServedKind, _ key: ObjectKey) {
        guard let old = entry(kind, key) else { return }
        version += 1
        var object = object(old)
        let place = Place(storage: kind.storage, key: key)
        places[old.uid] = nil
        index(owners: ClusterState.owners(object), [], place)
        object["metadata", "resourceVersion"] = .string(String(version))
        let final = StoredEntry(
            bytes: object.serialized(), labels: old.labels, resourceVersion: version, uid: old.uid)
        tables[kind.storage, default: ObjectTable()].record(
            TableEvent(resourceVersion: version, key: key, old: old, new: nil, final: final),
            limit: settings.historyLimit)
        if kind.storage == GroupResource("services") { allocations.release(key) }
        work.noteRemoval(of: object, at: place)
    }

    static func owners(_ object: JSONValue) -> Set<String> {
        Set((object["metadata", "ownerReferences"]?.array ?? []).compactMap { $0["uid"]?.string })
    }

    private mutating func index(owners old: Set<String>, _ new: Set<String>, _ place: Place) {
        for owner in old.subtracting(new) {
            dependents[owner]?.remove(place)
            if dependents[owner]?.isEmpty ?? false { dependents[owner] = nil }
        }
        for owner in new.subtracting(old) { dependents[owner, default: []].insert(place) }
    }
}

/// A small seeded generator: the same seed gives the same names. Source: Vigna, "SplitMix64".
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
