internal import Basics
internal import KubernetesClient
internal import KubernetesModel
internal import VeleroAPI

/// Reads everything that a plan asks for and hands it on, batch by batch.
///
/// Lists run at most `listLimit` at a time; memory is a batch for each and what the channel holds. What other objects
/// bring along is fetched afterwards, in rounds, until nothing new is asked for.
struct ItemCollector: Sendable {
    /// Four lists keep a server and the packing busy on few cores; more only pile up memory.
    static let listLimit = 4
    static let fetchLimit = 8

    let client: APIClient
    let plan: SelectionPlan
    let log: RunLog
    let items: CollectedItems
    let channel: BoundedChannel<[PackedItem]>
    let progress: ProgressMeter

    /// One list to make.
    private struct Request: Sendable {
        let kind: ResourceKind
        let namespace: String?
        let selector: LabelSelector?
        let selectorIndex: Int
    }

    private var requests: [Request] {
        plan.kinds.flatMap { kindPlan in
            (kindPlan.namespaces.map { $0.map(Optional.some) } ?? [nil]).flatMap { namespace in
                plan.labels.requests.enumerated().map { index, selector in
                    Request(kind: kindPlan.kind, namespace: namespace, selector: selector, selectorIndex: index)
                }
            }
        }
    }

    /// - Throws: `.unavailable` if the server cannot be reached or refuses the credentials; `.cancelled`. Anything that
    ///   concerns one kind or object is in the log and the results instead.
    func collect(namespaces: [KnownNamespace]) async throws {
        let requests = requests
        progress.expect(lists: requests.count)
        try await collectOrdered()
        try await forEachConcurrently(requests, limit: ItemCollector.listLimit) { request in
            try await list(request)
            progress.listEnded()
        }
        try await followConnections()
        try await collectNamespaces(namespaces)
    }

    private func list(_ request: Request) async throws {
        let options = ListOptions(labelSelector: request.selector.map(\.description))
        var count = 0
        let ordered = Set(plan.ordered.items[request.kind.groupResource] ?? [])
        do {
            for try await batch in client.list(request.kind, in: request.namespace, options: options) {
                let kept = batch.filter { object in
                    guard plan.keeps(object, request: request.selectorIndex) else { return false }
                    return ordered.isEmpty || !ordered.contains(reference(object, request.kind))
                }
                count += kept.count
                try await add(kept, request.kind)
            }
            log.info(
                "Listed \(count) items", fields(request.kind.groupResource, request.namespace))
        } catch let error as APIError {
            let what = "could not be listed, so its objects are not in this backup"
            try report(
                error, "\(request.kind.groupResource) \(what)",
                about: ObjectReference(resource: request.kind.groupResource, namespace: request.namespace, name: ""))
        }
    }

    /// Objects that go first within their kind, one after the other.
    private func collectOrdered() async throws {
        for kindPlan in plan.kinds {
            for reference in plan.ordered.items[kindPlan.kind.groupResource] ?? [] {
                guard let object = try await fetch(reference, kindPlan.kind) else {
                    log.report(.warning, "is named in orderedResources but does not exist", about: reference)
                    continue
                }
                guard plan.keepsOrdered(object) else { continue }
                try await add([object], kindPlan.kind)
            }
        }
    }

    /// Prepares objects and hands them on; returns when there was room for them.
    private func add(_ objects: [RawObject], _ kind: ResourceKind) async throws {
        var batch: [PackedItem] = []
        batch.reserveCapacity(objects.count)
        let resource = kind.groupResource
        var decoded: [APIObject] = []
        for object in objects {
            guard isNameable(object) else {
                log.report(.error, "has a name that no file can have", about: reference(object, kind))
                continue
            }
            var stored = object
            if ItemConnections.decodedKinds.contains(resource) {
                do throws(JSONError) {
                    let value = try object.decoded()
                    decoded.append(value)
                    if resource == KindCatalog.persistentVolumeClaims,
                        let cleaned = ItemConnections.cleaned(claim: value)
                    {
                        stored = RawObject(cleaned)
                    }
                } catch {
                    log.report(.error, "cannot be read: \(error)", about: reference(object, kind))
                    continue
                }
            }
            batch.append(PackedItem(resource: resource, version: kind.groupVersion.version, object: stored))
        }
        guard !batch.isEmpty else { return }
        remember(batch, decoded, kind)
        try await channel.send(batch)
        progress.add(items: batch.count)
    }

    private func remember(_ batch: [PackedItem], _ decoded: [APIObject], _ kind: ResourceKind) {
        let resource = kind.groupResource
        let isFollowed = ItemConnections.followedKinds.contains(resource)
        items.with { state in
            state.resourcesWithItems.insert(resource)
            state.names.append(batch.lazy.map(\.object), key: ResourceList.key(kind.groupVersion, kind: kind.kind))
            for item in batch {
                if let namespace = item.object.namespace, !state.namespacesWithItems.contains(namespace) {
                    state.namespacesWithItems.insert(namespace)
                }
                if isFollowed {
                    state.done.insert(
                        ObjectReference(resource: resource, namespace: item.object.namespace, name: item.object.name))
                }
                if resource == KindCatalog.serviceAccounts, let namespace = item.object.namespace {
                    state.serviceAccounts.insert(NamespacedName(namespace: namespace, name: item.object.name))
                }
            }
            for object in decoded {
                state.volumes.add(object, resource)
                let by = ObjectReference(resource: resource, namespace: object.namespace, name: object.name)
                for item in ItemConnections.additionalItems(of: object, resource) where !state.done.contains(item) {
                    state.wanted[item] = by
                }
            }
        }
    }

    // MARK: What other objects bring along

    private func followConnections() async throws {
        try await fetchWanted()
        try await bindServiceAccounts()
        try await fetchWanted()
        try await addDefinitions()
    }

    /// Each round may ask for more: a claim for its volume. Ends, because each object is fetched once.
    private func fetchWanted() async throws {
        while case let wanted = items.takeWanted(), !wanted.isEmpty {
            try await forEachConcurrently(wanted, limit: ItemCollector.fetchLimit) { item, by in
                guard plan.admits(item.resource, namespace: item.namespace), let kind = plan.catalog.kind(item.resource)
                else { return }
                guard let object = try await fetch(item, kind) else {
                    log.report(.warning, "\(by) refers to it, but it does not exist", about: item)
                    items.with { _ = $0.done.insert(item) }
                    return
                }
                guard plan.admits(object, kind: kind) else { return }
                try await add([object], kind)
            }
        }
    }

    /// The ClusterRoleBindings that speak of collected service accounts; their roles are wanted by them.
    private func bindServiceAccounts() async throws {
        let accounts = items.with { $0.serviceAccounts }
        let resource = KindCatalog.clusterRoleBindings
        guard !accounts.isEmpty, !plan.listsAll(resource), plan.admits(resource, namespace: nil),
            let kind = plan.catalog.kind(resource)
        else { return }
        do {
            for try await batch in client.list(kind) {
                let bound = batch.filter { object in
                    guard plan.admits(object, kind: kind) else { return false }
                    guard let binding = try? object.decoded() else { return true }  // `add` reports it.
                    return ItemConnections.serviceAccounts(of: binding).contains {
                        accounts.contains(NamespacedName(namespace: $0.namespace, name: $0.name))
                    }
                }
                let new = items.with { state in
                    bound.filter {
                        !state.done.contains(ObjectReference(resource: resource, namespace: nil, name: $0.name))
                    }
                }
                try await add(new, kind)
            }
        } catch let error as APIError {
            try report(
                error, "\(resource) could not be listed, so those of the service accounts are not in this backup",
                about: ObjectReference(resource: resource, namespace: nil, name: ""))
        }
    }

    /// The definitions of the custom resources in the backup.
    private func addDefinitions() async throws {
        let resource = KindCatalog.customResourceDefinitions
        guard plan.resources.followsDefinitions, !plan.listsAll(resource), let kind = plan.catalog.kind(resource) else {
            return
        }
        let done = items.with { $0.done }
        let candidates = items.with { $0.resourcesWithItems }.filter(ItemConnections.mayHaveDefinition).map {
            ObjectReference(resource: resource, namespace: nil, name: $0.description)
        }.filter { !done.contains($0) }.sorted { $0.name < $1.name }
        try await forEachConcurrently(candidates, limit: ItemCollector.fetchLimit) { reference in
            // Nil for kinds of aggregated servers.
            guard let object = try await fetch(reference, kind), plan.admits(object, kind: kind) else { return }
            try await add([object], kind)
        }
    }

    private func collectNamespaces(_ namespaces: [KnownNamespace]) async throws {
        guard let kind = plan.catalog.kind(KindCatalog.namespaces) else { return }
        let used = items.with { $0.namespacesWithItems }
        let kept = namespaces.filter { plan.keepsNamespace($0.facts, hasItems: used.contains($0.facts.name)) }
        let objects = kept.compactMap(\.object).filter { !$0.isBeingDeleted }
        for start in stride(from: 0, to: objects.count, by: 128) {
            try await add(Array(objects[start..<min(start + 128, objects.count)]), kind)
        }
    }

    // MARK: Requests

    /// Nil if there is no such object, or if it cannot be read, which is then in the results.
    private func fetch(_ reference: ObjectReference, _ kind: ResourceKind) async throws -> RawObject? {
        do throws(APIError) {
            return try await client.find(kind, reference.name, in: reference.namespace)
        } catch {
            try report(error, "could not be read, so it is not in this backup", about: reference)
            items.with { _ = $0.done.insert(reference) }
            return nil
        }
    }

    /// Notes a failure that concerns one kind or object; throws one that concerns the whole run.
    private func report(_ error: APIError, _ what: String, about reference: ObjectReference) throws {
        if let fatal = ClusterBackupError(fatal: error, "reading the cluster") { throw fatal }
        log.report(.error, "\(what) error: /\(ErrorChain.line(error))", about: reference)
    }

    private func reference(_ object: RawObject, _ kind: ResourceKind) -> ObjectReference {
        ObjectReference(resource: kind.groupResource, namespace: object.namespace, name: object.name)
    }

    private func isNameable(_ object: RawObject) -> Bool {
        KubernetesName.isPathSegment(object.name) && object.namespace.map { KubernetesName.isLabel($0) } ?? true
    }

    private func fields(_ resource: GroupResource, _ namespace: String?) -> [(String, String)] {
        [("resource", resource.description)] + (namespace.map { [("namespace", $0)] } ?? [])
    }
}

/// A namespace of the cluster and its object, if that could be read.
struct KnownNamespace: Sendable {
    let facts: ClusterNamespace
    let object: RawObject?
}

extension ClusterBackupError {
    /// The error that ends a run, if `error` is one after which nothing more can be read; nil for one that concerns a
    /// single kind.
    init?(fatal error: APIError, _ doing: String) {
        switch error.code {
        case .unreachable: self.init(.unavailable, "\(doing) failed: the API server cannot be reached", cause: error)
        case .unauthorized:
            self.init(.unavailable, "\(doing) failed: the API server does not accept the credentials", cause: error)
        case .configuration: self.init(.invalid, "\(doing) failed", cause: error)
        case .cancelled: self.init(.cancelled, "\(doing) was cancelled", cause: error)
        default: return nil
        }
    }
}
