/// An API group and version: `v1` (the core group is the empty string), `apps/v1`.
package struct GroupVersion: Sendable, Hashable, CustomStringConvertible {
    package let group: String
    package let version: String

    package init(group: String, version: String) {
        self.group = group
        self.version = version
    }

    /// Reads the `apiVersion` field of an object: `v1`, `apps/v1`.
    package init(apiVersion: String) {
        let parts = apiVersion.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        self =
            parts.count == 2
            ? GroupVersion(group: String(parts[0]), version: String(parts[1]))
            : GroupVersion(group: "", version: apiVersion)
    }

    /// As objects spell it in `apiVersion`.
    package var description: String { group.isEmpty ? version : "\(group)/\(version)" }
}

/// A kind of object whatever its version, by the plural in URLs: `pods`, `deployments.apps`.
package struct GroupResource: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let group: String
    /// Lower-case plural.
    package let resource: String

    package init(group: String, resource: String) {
        self.group = group
        self.resource = resource
    }

    /// Reads `pods` or `deployments.apps`: everything after the first dot is the group.
    package init(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        self.init(group: parts.count == 2 ? String(parts[1]) : "", resource: String(parts[0]))
    }

    package var description: String { group.isEmpty ? resource : "\(resource).\(group)" }

    package static func < (left: GroupResource, right: GroupResource) -> Bool {
        left.description < right.description
    }
}

/// One kind of object as a server offers it. Source: Kubernetes API concepts, "Resource types"; discovery's
/// `APIResource`.
package struct ResourceKind: Sendable, Hashable {
    package let groupVersion: GroupVersion
    /// Lower-case plural, the segment in URLs.
    package let resource: String
    package let kind: String
    package let singular: String
    package let shortNames: [String]
    package let isNamespaced: Bool
    package let verbs: Set<String>
    /// `status`, `scale`, …
    package let subresources: Set<String>

    package init(
        groupVersion: GroupVersion, resource: String, kind: String, singular: String = "", shortNames: [String] = [],
        isNamespaced: Bool, verbs: Set<String> = [], subresources: Set<String> = []
    ) {
        self.groupVersion = groupVersion
        self.resource = resource
        self.kind = kind
        self.singular = singular
        self.shortNames = shortNames
        self.isNamespaced = isNamespaced
        self.verbs = verbs
        self.subresources = subresources
    }

    package var groupResource: GroupResource { GroupResource(group: groupVersion.group, resource: resource) }
}

/// The place of one object in a cluster; the name of what messages speak of.
package struct ObjectReference: Sendable, Hashable, CustomStringConvertible {
    package let resource: GroupResource
    /// Nil for cluster-scoped objects.
    package let namespace: String?
    package let name: String

    package init(resource: GroupResource, namespace: String?, name: String) {
        self.resource = resource
        self.namespace = namespace
        self.name = name
    }

    /// `pods/default/web-0`, `persistentvolumes/pv1`.
    package var description: String {
        namespace.map { "\(resource)/\($0)/\(name)" } ?? "\(resource)/\(name)"
    }
}
