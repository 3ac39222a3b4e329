package import KubernetesModel

/// What a backup is to contain. Source: Velero 1.18, `BackupSpec`; reads objects of all releases since 0.11.
///
/// The meaning of the filters is in `ClusterBackup`'s `SelectionPlan`.
package struct BackupSpec: FieldCoded {
    /// Labels for backups that are made from a Schedule's template.
    package var templateLabels: [String: String] = [:]
    package var includedNamespaces: [String] = []
    package var excludedNamespaces: [String] = []
    package var includedResources: [String] = []
    package var excludedResources: [String] = []
    package var includeClusterResources: Bool?
    package var includedClusterScopedResources: [String] = []
    package var excludedClusterScopedResources: [String] = []
    package var includedNamespaceScopedResources: [String] = []
    package var excludedNamespaceScopedResources: [String] = []
    package var labelSelector: LabelSelector?
    package var orLabelSelectors: [LabelSelector] = []
    package var snapshotVolumes: Bool?
    /// How long the backup is kept, from its start.
    package var ttl: Duration?
    package var volumeGroupSnapshotLabelKey: String?
    /// `{resources: [...]}`.
    package var hooks: JSONValue?
    package var storageLocation = ""
    package var volumeSnapshotLocations: [String] = []
    /// Before 1.10.
    package var defaultVolumesToRestic: Bool?
    package var defaultVolumesToFsBackup: Bool?
    /// Plural of a kind to a comma list of `namespace/name` or `name`.
    package var orderedResources: [String: String] = [:]
    package var csiSnapshotTimeout: Duration?
    package var itemOperationTimeout: Duration?
    package var resourcePolicy: LocalReference?
    package var snapshotMoveData: Bool?
    package var datamover: String?
    package var parallelFilesUpload: Int?

    package init() {}

    package static let fields: [JSONField<BackupSpec>] = [
        .stringMap("metadata", "labels", at: \.templateLabels),
        .strings("includedNamespaces", at: \.includedNamespaces),
        .strings("excludedNamespaces", at: \.excludedNamespaces),
        .strings("includedResources", at: \.includedResources),
        .strings("excludedResources", at: \.excludedResources),
        .bool("includeClusterResources", at: \.includeClusterResources),
        .strings("includedClusterScopedResources", at: \.includedClusterScopedResources),
        .strings("excludedClusterScopedResources", at: \.excludedClusterScopedResources),
        .strings("includedNamespaceScopedResources", at: \.includedNamespaceScopedResources),
        .strings("excludedNamespaceScopedResources", at: \.excludedNamespaceScopedResources),
        .selector("labelSelector", at: \.labelSelector),
        .selectors("orLabelSelectors", at: \.orLabelSelectors),
        .bool("snapshotVolumes", at: \.snapshotVolumes),
        .duration("ttl", at: \.ttl),
        .string("volumeGroupSnapshotLabelKey", at: \.volumeGroupSnapshotLabelKey),
        .raw("hooks", at: \.hooks),
        .text("storageLocation", at: \.storageLocation),
        .strings("volumeSnapshotLocations", at: \.volumeSnapshotLocations),
        .bool("defaultVolumesToRestic", at: \.defaultVolumesToRestic),
        .bool("defaultVolumesToFsBackup", at: \.defaultVolumesToFsBackup),
        .stringMap("orderedResources", at: \.orderedResources),
        .duration("csiSnapshotTimeout", at: \.csiSnapshotTimeout),
        .duration("itemOperationTimeout", at: \.itemOperationTimeout),
        .nested("resourcePolicy", at: \.resourcePolicy),
        .bool("snapshotMoveData", at: \.snapshotMoveData),
        .string("datamover", at: \.datamover),
        .int("uploaderConfig", "parallelFilesUpload", at: \.parallelFilesUpload),
    ]

    /// Whether volumes are to be saved from the file system unless a pod opts out; the old name counts only alone.
    package var savesVolumesByDefault: Bool { defaultVolumesToFsBackup ?? defaultVolumesToRestic ?? false }
}

/// Names an object of the same namespace. Source: Kubernetes API, `TypedLocalObjectReference`.
package struct LocalReference: FieldCoded {
    package var apiGroup: String?
    package var kind = ""
    package var name = ""

    package init() {}

    package init(kind: String, name: String) {
        self.kind = kind
        self.name = name
    }

    package static let fields: [JSONField<LocalReference>] = [
        .string("apiGroup", at: \.apiGroup), .text("kind", at: \.kind), .text("name", at: \.name),
    ]
}
