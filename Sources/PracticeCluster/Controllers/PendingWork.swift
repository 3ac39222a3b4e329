import KubernetesModel

/// What the controllers still have to look at. Every entry says only "look again"; what is done follows from the state.
struct PendingWork: Equatable {
    var namespaces: Set<String> = []
    /// By name.
    var definitions: Set<String> = []
    var claims: Set<ObjectKey> = []
    var volumes: Set<String> = []
    /// Service accounts that may lack a token.
    var accounts: Set<ObjectKey> = []
    /// Uids of objects that went: their dependents may have to go.
    var goneOwners: Set<String> = []
    /// Objects whose owners may not exist, or which wait for their dependents.
    var owned: Set<ClusterState.Place> = []

    var isEmpty: Bool {
        namespaces.isEmpty && definitions.isEmpty && claims.isEmpty && volumes.isEmpty && accounts.isEmpty
            && goneOwners.isEmpty && owned.isEmpty
    }

    mutating func noteChange(of object: JSONValue, at place: ClusterState.Place, isNew: Bool) {
        let isDeleted = !(object["metadata", "deletionTimestamp"] ?? .null).isNull
        note(place)
        if isNew || isDeleted, object["metadata", "ownerReferences"] != nil || isDeleted { owned.insert(place) }
    }

    mutating func noteRemoval(of object: JSONValue, at place: ClusterState.Place) {
        if let uid = object["metadata", "uid"]?.string { goneOwners.insert(uid) }
        if !place.key.namespace.isEmpty, place.storage.resource == "persistentvolumeclaims" {
            if let volume = object["spec", "volumeName"]?.string { volumes.insert(volume) }
        }
        if place.storage.resource == "serviceaccounts" { namespaces.insert(place.key.namespace) }
    }

    private mutating func note(_ place: ClusterState.Place) {
        switch place.storage.description {
        case "namespaces": namespaces.insert(place.key.name)
        case "customresourcedefinitions.apiextensions.k8s.io": definitions.insert(place.key.name)
        case "persistentvolumeclaims": claims.insert(place.key)
        case "persistentvolumes": volumes.insert(place.key.name)
        case "serviceaccounts": accounts.insert(place.key)
        default: break
        }
    }
}

extension ClusterState {
    /// One round of all controllers over what has changed.
    mutating func tick() {
        let work = work
        self.work = PendingWork()
        for name in work.definitions.sorted() { reconcileDefinition(name) }
        for name in work.namespaces.sorted() { reconcileNamespace(name) }
        for key in work.accounts.sorted() { reconcileAccount(key) }
        for uid in work.goneOwners.sorted() { reconcileDependents(of: uid) }
        for place in work.owned.sorted(by: { $0.key < $1.key }) { reconcileOwned(place) }
        for key in work.claims.sorted() { reconcileClaim(key) }
        for name in work.volumes.sorted() { reconcileVolume(name) }
    }

    /// Rounds until nothing is left to do or nothing changes; at most 100, so that controllers that quarrel do not go on for ever.
    mutating func settle() {
        var rounds = 0
        while !work.isEmpty, rounds < 100 {
            let before = (version, work)
            tick()
            rounds += 1
            // What is left waits for somebody else: a namespace for an object that is held.
            if before == (version, work) { return }
        }
    }
}
