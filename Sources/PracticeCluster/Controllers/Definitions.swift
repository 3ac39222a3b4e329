import Basics
import KubernetesModel

extension ClusterState {
    static let definitions = GroupResource("customresourcedefinitions.apiextensions.k8s.io")
    static let definitionFinalizer = "customresourcecleanup.apiextensions.k8s.io"

    /// Serves the kind of a new or changed definition, or removes the objects of a deleted one and then itself.
    mutating func reconcileDefinition(_ name: String) {
        let key = ObjectKey(namespace: "", name: name)
        guard let kind = catalog.named(ClusterState.definitions), let entry = entry(kind, key) else {
            return
        }
        var definition = object(entry)
        guard (definition["metadata", "deletionTimestamp"] ?? .null).isNull else {
            removeObjects(of: definition)
            let finalizers = (definition["metadata", "finalizers"]?.array ?? [])
                .filter { $0 != .string(ClusterState.definitionFinalizer) }
            definition["metadata", "finalizers"] = finalizers.isEmpty ? nil : .array(finalizers)
            if finalizers.isEmpty {
                remove(kind, key)
            } else {
                store(definition, kind: kind, old: entry)
            }
            return
        }
        guard let served = ClusterState.servedKind(definition) else { return }
        catalog.register(served)
        var isEstablished = definition
        let time: JSONValue = .string(now.wholeSeconds.description)
        let conditions = definition["status", "conditions"]?.array ?? []
        func condition(_ type: String, _ reason: String, _ message: String) -> JSONValue {
            conditions.first { $0["type"] == .string(type) && $0["status"] == "True" }
                ?? [
                    "type": .string(type), "status": "True", "lastTransitionTime": time, "reason": .string(reason),
                    "message": .string(message),
                ]
        }
        isEstablished["status", "conditions"] = [
            condition("NamesAccepted", "NoConflicts", "no conflicts found"),
            condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
        ]
        isEstablished["status", "acceptedNames"] = definition["spec", "names"]
        if isEstablished != definition { store(isEstablished, kind: kind, old: entry) }
    }

    private mutating func removeObjects(of definition: JSONValue) {
        guard let served = ClusterState.servedKind(definition) else { return }
        var keys = tables[served.storage]?.sortedKeys() ?? []
        keys.reverse()
        for key in keys { remove(served, key) }
        catalog.remove(served.resource)
    }

    private static func servedKind(_ definition: JSONValue) -> ServedKind? {
        let spec = definition["spec"]
        guard let group = spec?["group"]?.string, let plural = spec?["names", "plural"]?.string,
            let kind = spec?["names", "kind"]?.string
        else { return nil }
        var versions = spec?["versions"]?.array ?? []
        // The v1beta1 form of a definition may have one version and its parts at the top.
        if versions.isEmpty, let version = spec?["version"] { versions = [["name": version, "served": true]] }
        let served = versions.filter { $0["served"] == true }
        let names = served.compactMap { $0["name"]?.string }.sorted { VersionRank($0) > VersionRank($1) }
        guard !names.isEmpty else { return nil }
        var subresources: [String: Set<String>] = [:]
        for version in served {
            let offered = version["subresources"] ?? spec?["subresources"]
            for name in ["status", "scale"] where offered?[name] != nil {
                subresources[name, default: []].insert(version["name"]?.string ?? "")
            }
        }
        func texts(_ field: String) -> [String] { (spec?["names", field]?.array ?? []).compactMap(\.string) }
        return ServedKind(
            resource: GroupResource(group: group, resource: plural), kind: kind,
            listKind: spec?["names", "listKind"]?.string,
            singular: spec?["names", "singular"]?.string ?? kind.lowercased(), shortNames: texts("shortNames"),
            categories: texts("categories"), isNamespaced: spec?["scope"] == "Namespaced",
            verbs: ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"], versions: names,
            subresources: subresources, isCustom: true)
    }
}
