package import Basics
internal import KubernetesModel

/// Writes the objects of an archive as plain files for `kubectl apply -R -f`.
///
/// `DIR/NAMESPACE/RESOURCE.GROUP/NAME.json`, and `DIR/_cluster/RESOURCE.GROUP/NAME.json` for what has no namespace (no
/// namespace can be called `_cluster`, and it sorts before all of them). Files are private (0600): Secrets are among
/// them, in clear.
package struct ArchiveExtraction: Sendable {
    package struct Options: Sendable {
        /// Write into a folder that has files already. Existing files are never overwritten.
        package var intoNonEmptyFolder = false
        /// Leave out what only the server that gave the objects can have set, so that another one takes them.
        package var withoutServerFields = false
        /// Only these; nil for all. Namespaces of the archive, and `nil`-namespaced objects by `includesClusterScoped`.
        package var namespaces: Set<String>?
        package var includesClusterScoped = true

        package init() {}
    }

    package struct Summary: Sendable, Hashable {
        package var files = 0
        package var bytes = ByteCount.zero
    }

    static let clusterFolder = "_cluster"

    private let reader: BackupArchiveReader
    private let options: Options

    package init(_ reader: BackupArchiveReader, options: Options = Options()) {
        self.reader = reader
        self.options = options
    }

    /// - Parameter path: made if it is missing (its parent must be there).
    /// - Throws: `.alreadyExists` for a folder that is not empty, and for a file that is already there; `.hostile` for a
    ///   link where a folder should be; `.localDisk`; `.damaged` for an object that is no JSON where fields are to be
    ///   left out. Files written until then stay.
    package func run(into path: String) throws(ClusterBackupError) -> Summary {
        let target = try ExtractionFolder(creating: path, mayHaveFiles: options.intoNonEmptyFolder)
        var summary = Summary()
        for kind in reader.index.kinds {
            var namespace: String??
            var folder: ExtractionFolder?
            for item in reader.index.items(of: kind) where includes(item) {
                if namespace != .some(item.reference.namespace) || folder == nil {
                    namespace = .some(item.reference.namespace)
                    folder = try target.subfolder(item.reference.namespace ?? ArchiveExtraction.clusterFolder)
                        .subfolder(kind.description)
                }
                let bytes = try content(of: item)
                try folder?.write(bytes, to: "\(item.reference.name).json")
                summary.files += 1
                summary.bytes = summary.bytes + ByteCount(bytes.count)
            }
        }
        return summary
    }

    private func includes(_ item: ArchivedItem) -> Bool {
        guard let namespace = item.reference.namespace else { return options.includesClusterScoped }
        return options.namespaces?.contains(namespace) ?? true
    }

    private func content(of item: ArchivedItem) throws(ClusterBackupError) -> [UInt8] {
        guard options.withoutServerFields else { return try reader.bytes(of: item) }
        var object = try reader.object(of: item)
        for field in ArchiveExtraction.serverFields { object.json["metadata", field] = nil }
        object.json["status"] = nil
        if let list = ArchiveExtraction.requiredLists[item.reference.resource.description],
            object.json[list]?.isNull == true
        {
            object.json[list] = .array([])
        }
        return Array(object.json.prettyPrinted().utf8)
    }

    /// Lists that a server writes as `null` when they are empty, and that the validation of kubectl wants to be there.
    /// Source: the Kubernetes API reference; both kinds of "nothing" mean the same to the server.
    private static let requiredLists = [
        "endpointslices.discovery.k8s.io": "endpoints", "roles.rbac.authorization.k8s.io": "rules",
        "clusterroles.rbac.authorization.k8s.io": "rules",
    ]

    /// Owner references go too: they name the lost cluster's uids, and the garbage collector deletes what has an owner
    /// that does not exist.
    private static let serverFields = [
        "uid", "resourceVersion", "generation", "creationTimestamp", "selfLink", "managedFields", "ownerReferences",
        "deletionTimestamp", "deletionGracePeriodSeconds",
    ]
}
