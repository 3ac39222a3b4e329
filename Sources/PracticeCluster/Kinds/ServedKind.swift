import KubernetesModel

/// One kind of object as this server keeps and offers it, in all its versions.
struct ServedKind: Sendable {
    let resource: GroupResource
    let kind: String
    let listKind: String
    let singular: String
    let shortNames: [String]
    let categories: [String]
    let isNamespaced: Bool
    let verbs: [String]
    /// The versions offered, the preferred one first.
    let versions: [String]
    /// By name, the versions that offer it.
    let subresources: [String: Set<String>]
    /// Made by a definition: items of lists carry their kind, strategic patches are refused.
    let isCustom: Bool
    /// Where the objects are kept, if another group offers the same ones: `events.events.k8s.io` are `events`.
    let storage: GroupResource

    init(
        resource: GroupResource, kind: String, listKind: String? = nil, singular: String = "",
        shortNames: [String] = [], categories: [String] = [], isNamespaced: Bool, verbs: [String] = everyVerb,
        versions: [String], subresources: [String: Set<String>] = [:], isCustom: Bool = false,
        storage: GroupResource? = nil
    ) {
        self.resource = resource
        self.kind = kind
        self.listKind = listKind ?? kind + "List"
        self.singular = singular
        self.shortNames = shortNames
        self.categories = categories
        self.isNamespaced = isNamespaced
        self.verbs = verbs
        self.versions = versions
        self.subresources = subresources
        self.isCustom = isCustom
        self.storage = storage ?? resource
    }

    static let everyVerb = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]

    /// Whether objects are kept; a review or a binding is only answered.
    var isStored: Bool { verbs.contains("list") && resource.resource != "componentstatuses" }

    func hasStatus(in version: String) -> Bool { subresources["status"]?.contains(version) ?? false }

    /// As messages about an invalid object name the kind: `Deployment.apps`.
    var qualifiedKind: String { resource.group.isEmpty ? kind : "\(kind).\(resource.group)" }

    func apiVersion(_ version: String) -> String {
        GroupVersion(group: resource.group, version: version).description
    }
}
