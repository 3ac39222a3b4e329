package import KubernetesModel

/// The warnings and errors of a backup or restore, as `NAME-results.gz` keeps them.
///
/// Source: Velero 1.18, `results.Result`; one of the two halves of the file.
package struct ResultMessages: Sendable, Hashable {
    /// About the run as a whole.
    package var velero: [String] = []
    /// About cluster-scoped objects.
    package var cluster: [String] = []
    /// About objects of a namespace.
    package var namespaces: [String: [String]] = [:]

    package init() {}

    package var count: Int { velero.count + cluster.count + namespaces.values.reduce(0) { $0 + $1.count } }
    package var isEmpty: Bool { count == 0 }

    /// All messages: of the run, of the cluster, of the namespaces in order.
    package var all: [String] {
        velero + cluster + namespaces.sorted { $0.key < $1.key }.flatMap(\.value)
    }

    package var json: JSONValue {
        var json = JSONValue.object([:])
        if !velero.isEmpty { json["velero"] = .array(velero.map { .string($0) }) }
        if !cluster.isEmpty { json["cluster"] = .array(cluster.map { .string($0) }) }
        if !namespaces.isEmpty {
            json["namespaces"] = .object(namespaces.mapValues { .array($0.map { .string($0) }) })
        }
        return json
    }

    /// Tolerant: absent, null and unknown parts count as empty.
    package init(_ json: JSONValue?) {
        func texts(_ json: JSONValue?) -> [String] { (json?.array ?? []).compactMap(\.string) }
        velero = texts(json?["velero"])
        cluster = texts(json?["cluster"])
        namespaces = (json?["namespaces"]?.object ?? [:]).mapValues { texts($0) }
    }
}

/// Both halves of the file.
package struct BackupResults: Sendable, Hashable {
    package var warnings = ResultMessages()
    package var errors = ResultMessages()

    package init() {}

    package init(_ json: JSONValue) {
        warnings = ResultMessages(json["warnings"])
        errors = ResultMessages(json["errors"])
    }

    package var json: JSONValue { ["warnings": warnings.json, "errors": errors.json] }
}
