internal import KubernetesModel
internal import Synchronization

/// What a run has collected so far, and what it still has to fetch because something refers to it. Safe from all lists at
/// once; each holds it once a batch.
final class CollectedItems: Sendable {
    struct State: Sendable {
        var names = CollectedNames()
        var namespacesWithItems: Set<String> = []
        var resourcesWithItems: Set<GroupResource> = []
        var serviceAccounts: Set<NamespacedName> = []
        var volumes = VolumeReport()
        /// Of `ItemConnections.followedKinds` alone: few in any cluster.
        var done: Set<ObjectReference> = []
        var wanted: [ObjectReference: ObjectReference] = [:]
    }

    private let state = Mutex(State())

    func with<Result>(_ body: (inout sending State) -> sending Result) -> sending Result { state.withLock(body) }

    /// What is wanted and not done, with the object that asked; empties the list.
    func takeWanted() -> [(item: ObjectReference, by: ObjectReference)] {
        state.withLock { state in
            let open = state.wanted.filter { !state.done.contains($0.key) }
            state.wanted = [:]
            return open.map { (item: $0.key, by: $0.value) }
        }.sorted { $0.item.description < $1.item.description }
    }
}

/// An object on its way into the archive.
struct PackedItem: Sendable {
    let resource: GroupResource
    let version: String
    let object: RawObject
}
