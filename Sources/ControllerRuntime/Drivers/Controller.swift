package import KubernetesClient
package import KubernetesModel
internal import Synchronization

/// Keeps a cache of one kind fresh and calls a reconciler for each object that may have changed.
///
/// An object is worked on by one call at a time; while it is, further changes of it are remembered and lead to one more call.
/// The reconciler looks at the cache, not at events. Memory: the objects of the kind, see `ObjectCache`, and the queue.
package final class Controller: Sendable {
    package typealias Outcome = WorkQueue<NamespacedObject>.Outcome
    /// - Parameter object: from the cache; nil if it is gone.
    package typealias Reconcile = @Sendable (_ place: NamespacedObject, _ object: RawObject?) async -> Outcome

    /// What the controller tells: for logs and health.
    package enum Event: Sendable {
        /// The cache may have changed here. Called before the object is queued, also while it is worked on; must return soon.
        case changed(NamespacedObject, RawObject?)
        /// The first list is complete.
        case listed(count: Int)
        /// The server cannot be reached; it goes on by itself.
        case interrupted(APIError)
    }

    private let client: APIClient
    private let kind: ResourceKind
    private let namespace: String?
    private let options: WatchOptions
    private let workers: Int
    private let loop: WorkLoop<NamespacedObject>
    private let cache = Mutex(ObjectCache())
    private let observe: @Sendable (Event) -> Void
    private let reconcile: Reconcile

    /// - Parameters:
    ///   - namespace: nil for all.
    ///   - workers: objects that are worked on at a time.
    package init(
        client: APIClient, kind: ResourceKind, namespace: String?, options: WatchOptions = WatchOptions(),
        workers: Int, clock: any Clock<Duration>, observe: @escaping @Sendable (Event) -> Void = { _ in },
        reconcile: @escaping Reconcile
    ) {
        self.client = client
        self.kind = kind
        self.namespace = namespace
        self.options = options
        self.workers = workers
        self.observe = observe
        self.reconcile = reconcile
        loop = WorkLoop(clock: clock)
    }

    /// The object as last seen.
    package subscript(place: NamespacedObject) -> RawObject? { cache.withLock { $0[place] } }

    /// Every object as last seen, in no order.
    package var all: [RawObject] { cache.withLock { Array($0.all) } }

    /// False until the first list was complete.
    package var isComplete: Bool { cache.withLock { $0.isComplete } }

    /// Has objects looked at again, though they did not change.
    package func look(at places: some Sequence<NamespacedObject>) { loop.add(places) }

    /// Runs until the task is cancelled, which is its usual end: reconcilers are cancelled, and when the last has returned, so
    /// does this.
    ///
    /// - Throws: what no waiting can mend: `.unsupported` for a kind that is not served, `.forbidden`, `.unauthorized`.
    package func run() async throws(APIError) {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.watch() }
                group.addTask {
                    await self.loop.run(workers: self.workers) { place in await self.reconcile(place, self[place]) }
                }
                defer { group.cancelAll() }
                // The watch ends by an error alone, the loop by cancellation.
                try await group.next()
            }
        } catch {
            guard !Task.isCancelled else { return }
            throw (error as? APIError) ?? APIError(.malformed, "watch \(kind.groupResource) ended", cause: error)
        }
    }

    private func watch() async throws {
        for try await event in client.watch(kind, in: namespace, options: options) {
            let places = cache.withLock { $0.apply(event) }
            for place in places { observe(.changed(place, self[place])) }
            if !places.isEmpty { loop.add(places) }
            switch event {
            case .listed: observe(.listed(count: cache.withLock { $0.count }))
            case .interrupted(let error): observe(.interrupted(error))
            case .relisting, .existing, .changed, .deleted: break
            }
        }
    }
}
