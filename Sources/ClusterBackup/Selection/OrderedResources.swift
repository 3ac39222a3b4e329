package import KubernetesModel

/// Objects that go first within their kind, in the order given.
package struct OrderedResources: Sendable, Hashable {
    /// Namespace (nil for cluster-scoped kinds) and name of each.
    package let items: [GroupResource: [ObjectReference]]

    /// What is wrong with the map, one line for each entry.
    package let problems: [String]

    /// - Parameter spec: plural of a kind to a comma list of `namespace/name` or `name`.
    package init(_ spec: [String: String], catalog: KindCatalog) {
        var items: [GroupResource: [ObjectReference]] = [:]
        var problems: [String] = []
        for (key, list) in spec.sorted(by: { $0.key < $1.key }) {
            let resource = catalog.resolve(key)
            let isNamespaced = catalog.kind(resource)?.isNamespaced
            for text in list.split(separator: ",") {
                let text = text.drop { $0 == " " }
                let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
                let fits = parts.count == 2 ? isNamespaced != false : parts.count == 1 && isNamespaced != true
                guard fits, parts.allSatisfy({ KubernetesName.isPathSegment($0) }) else {
                    problems.append("orderedResources: '\(text)' does not name an object of kind \(key)")
                    continue
                }
                items[resource, default: []].append(
                    ObjectReference(
                        resource: resource, namespace: parts.count == 2 ? parts[0] : nil, name: parts[parts.count - 1]))
            }
        }
        self.items = items
        self.problems = problems
    }
}
