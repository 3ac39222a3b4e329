import Basics
import KubernetesModel

extension ClusterState {
    /// Furnishes a new namespace, or empties and removes a deleted one.
    mutating func reconcileNamespace(_ name: String) {
        let key = ObjectKey(namespace: "", name: name)
        guard let kind = catalog.named(GroupResource("namespaces")), let entry = entry(kind, key) else { return }
        var namespace = object(entry)
        guard !(namespace["metadata", "deletionTimestamp"] ?? .null).isNull else {
            furnish(name)
            return
        }
        guard emptied(name) else {
            work.namespaces.insert(name)
            return
        }
        namespace["spec", "finalizers"] = (namespace["spec", "finalizers"]?.array).map { finalizers in
            .array(finalizers.filter { $0 != "kubernetes" })
        }
        if isFinished(namespace, kind) {
            remove(kind, key)
        } else if namespace != object(entry) {
            store(namespace, kind: kind, old: entry)
        }
    }

    private mutating func furnish(_ name: String) {
        let account = ObjectKey(namespace: name, name: "default")
        if let kind = catalog.named(GroupResource("serviceaccounts")), entry(kind, account) == nil {
            make(kind, ["metadata": ["name": "default", "namespace": .string(name)]])
        }
        let authority = ObjectKey(namespace: name, name: "kube-root-ca.crt")
        if let kind = catalog.named(GroupResource("configmaps")), entry(kind, authority) == nil {
            make(
                kind,
                [
                    "metadata": ["name": "kube-root-ca.crt", "namespace": .string(name)],
                    "data": ["ca.crt": "-----BEGIN CERTIFICATE-----\npractice\n-----END CERTIFICATE-----\n"],
                ])
        }
    }

    /// Gives a service account the Secret with its token, as clusters before 1.24 do.
    mutating func reconcileAccount(_ key: ObjectKey) {
        guard settings.version.makesTokenSecrets, let kind = catalog.named(GroupResource("serviceaccounts")),
            let secrets = catalog.named(GroupResource("secrets")), let entry = entry(kind, key)
        else { return }
        var account = object(entry)
        let references = account["secrets"]?.array ?? []
        let hasToken = references.contains { reference in
            guard let name = reference["name"]?.string,
                let secret = object(secrets.storage, ObjectKey(namespace: key.namespace, name: name))
            else { return false }
            return secret["type"] == "kubernetes.io/service-account-token"
        }
        guard !hasToken, (account["metadata", "deletionTimestamp"] ?? .null).isNull else { return }
        let name = "\(key.name)-token-\(makeSuffix())"
        make(
            secrets,
            [
                "metadata": [
                    "name": .string(name), "namespace": .string(key.namespace),
                    "annotations": [
                        "kubernetes.io/service-account.name": .string(key.name),
                        "kubernetes.io/service-account.uid": .string(entry.uid),
                    ],
                ],
                "data": [
                    "ca.crt": "cHJhY3RpY2U=", "namespace": .string(Base64.encode(key.namespace.utf8)),
                    "token": .string(Base64.encode("practice-token-\(entry.uid)".utf8)),
                ],
                "type": "kubernetes.io/service-account-token",
            ])
        account["secrets"] = .array(references + [["name": .string(name)]])
        store(account, kind: kind, old: entry)
    }

    /// Creates an object of the cluster's own.
    mutating func make(_ kind: ServedKind, _ json: JSONValue) {
        var object = json
        stampNew(&object, kind: kind)
        store(object, kind: kind, old: nil)
    }

    /// Deletes everything in a namespace; false while something holds on.
    private mutating func emptied(_ namespace: String) -> Bool {
        var isEmpty = true
        for kind in catalog.storedKinds where kind.isNamespaced {
            for key in keys(of: kind, in: namespace) {
                if markDeleted(kind, key) != nil {
                    isEmpty = false
                    // The controllers' own protection goes with what it protects.
                    if kind.storage == GroupResource("persistentvolumeclaims") { work.claims.insert(key) }
                }
            }
        }
        return isEmpty
    }

    mutating func keys(of kind: ServedKind, in namespace: String) -> [ObjectKey] {
        var keys: [ObjectKey] = []
        guard var table = tables[kind.storage], !table.isEmpty, let view = TableView(&table, at: version) else {
            return keys
        }
        view.forEach(in: namespace, from: nil, of: table) { key, _ in
            keys.append(key)
            return true
        }
        tables[kind.storage] = table
        return keys
    }
}

extension KindCatalog {
    /// Each kind of stored objects once, whatever groups offer it.
    var storedKinds: [ServedKind] {
        kinds.values.filter { $0.isStored && $0.storage == $0.resource }.sorted { $0.resource < $1.resource }
    }
}
