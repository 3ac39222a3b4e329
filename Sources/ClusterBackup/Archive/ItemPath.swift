package import KubernetesModel

/// The place of one object in an archive. Source: Velero 1.18, backup file format 1.1.0 (and 1).
package struct ItemPath: Sendable, Hashable {
    /// Which copy it is. The preferred version is written twice, for readers of both formats.
    package enum Variant: Sendable, Hashable {
        /// `resources/KIND/...`: the version that the server preferred; the only copy in format 1.
        case plain
        /// `resources/KIND/VERSION-preferredversion/...`.
        case preferred(version: String)
        /// `resources/KIND/VERSION/...`: another version that the server offered.
        case other(version: String)
    }

    package var resource: GroupResource
    package var variant: Variant
    /// Nil for cluster-scoped objects.
    package var namespace: String?
    package var name: String

    package init(resource: GroupResource, variant: Variant, namespace: String?, name: String) {
        self.resource = resource
        self.variant = variant
        self.namespace = namespace
        self.name = name
    }

    static let preferredSuffix = "-preferredversion"

    /// The path of the entry.
    package var text: String {
        let version =
            switch variant {
            case .plain: ""
            case .preferred(let version): "\(version)\(ItemPath.preferredSuffix)/"
            case .other(let version): "\(version)/"
            }
        let scope = namespace.map { "namespaces/\($0)" } ?? "cluster"
        return "resources/\(resource)/\(version)\(scope)/\(name).json"
    }

    /// Whether all parts are what a server accepts as names, so that the path means one object and no other place.
    var isValid: Bool {
        guard KubernetesName.isLabel(resource.resource), KubernetesName.isPathSegment(name) else { return false }
        guard resource.group.isEmpty || KubernetesName.isSubdomain(resource.group) else { return false }
        guard namespace.map(KubernetesName.isLabel) ?? true else { return false }
        switch variant {
        case .plain: return true
        case .preferred(let version), .other(let version):
            return KubernetesName.isLabel(version) && version != "namespaces" && version != "cluster"
        }
    }
}

/// What an entry of an archive is, by its path.
enum EntryMeaning: Sendable, Hashable {
    case formatVersion
    case item(ItemPath)
    /// A file that this format does not know; ignored.
    case foreign

    /// - Throws: `.hostile` for a path that leaves the archive or an item whose parts are no Kubernetes names.
    init(path: String, at offset: Int64) throws(ClusterBackupError) {
        var path = path[...]
        if path.hasPrefix("./") { path = path.dropFirst(2) }  // As `tar` writes it when somebody packs by hand.
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }), !path.utf8.contains(0) else {
            throw ClusterBackupError(.hostile, "archive entry \(quoted(path)) at byte \(offset): not a path inside")
        }
        if path == "metadata/version" {
            self = .formatVersion
        } else if let item = EntryMeaning.item(parts) {
            guard item.isValid else {
                throw ClusterBackupError(
                    .hostile, "archive entry \(quoted(path)) at byte \(offset): no name of a Kubernetes object")
            }
            self = .item(item)
        } else {
            self = .foreign
        }
    }

    private static func item(_ parts: [String]) -> ItemPath? {
        guard parts.count >= 4, parts[0] == "resources", let file = parts.last, file.hasSuffix(".json") else {
            return nil
        }
        let resource = GroupResource(parts[1])
        let name = String(file.dropLast(".json".count))
        var rest = parts[2..<(parts.count - 1)]
        var variant = ItemPath.Variant.plain
        if let first = rest.first, first != "namespaces", first != "cluster" {
            let isPreferred = first.hasSuffix(ItemPath.preferredSuffix)
            variant =
                isPreferred
                ? .preferred(version: String(first.dropLast(ItemPath.preferredSuffix.count))) : .other(version: first)
            rest = rest.dropFirst()
        }
        switch (rest.first, rest.count) {
        case ("cluster", 1): return ItemPath(resource: resource, variant: variant, namespace: nil, name: name)
        case ("namespaces", 2):
            return ItemPath(resource: resource, variant: variant, namespace: rest[rest.startIndex + 1], name: name)
        default: return nil
        }
    }
}

/// `text` for a message: at most 200 bytes, control characters and non-ASCII shown as `?`.
func quoted(_ text: some StringProtocol) -> String {
    let shown = text.utf8.prefix(200).map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: "?") }
    return "'\(String(decoding: shown, as: UTF8.self))\(text.utf8.count > 200 ? "..." : "")'"
}
