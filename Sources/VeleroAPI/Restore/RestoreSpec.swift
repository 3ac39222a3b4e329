package import KubernetesModel

/// What is to be brought back, and how. Source: Velero 1.18, `RestoreSpec`.
///
/// The meaning of the filters is in `ClusterBackup`'s `RestoreSelection`.
package struct RestoreSpec: FieldCoded {
    /// Exactly one of this and `scheduleName` is given.
    package var backupName = ""
    package var scheduleName = ""
    /// Original names; empty means all.
    package var includedNamespaces: [String] = []
    package var excludedNamespaces: [String] = []
    package var includedResources: [String] = []
    package var excludedResources: [String] = []
    /// From original namespace to the one to restore into.
    package var namespaceMapping: [String: String] = [:]
    package var labelSelector: LabelSelector?
    package var orLabelSelectors: [LabelSelector] = []
    package var restorePVs: Bool?
    /// Kinds whose saved status is put back; nil for none.
    package var restoreStatus: RestoreStatusSpec?
    package var preserveNodePorts: Bool?
    package var includeClusterResources: Bool?
    /// `{resources: [...]}`.
    package var hooks: JSONValue?
    /// `none`, `update`, or empty, which means `none`.
    package var existingResourcePolicy = ""
    package var itemOperationTimeout: Duration?
    /// Names a ConfigMap in the namespace of the Restore.
    package var resourceModifier: LocalReference?
    package var writeSparseFiles: Bool?
    package var parallelFilesDownload: Int?

    package init() {}

    package static let fields: [JSONField<RestoreSpec>] = [
        .text("backupName", at: \.backupName),
        .text("scheduleName", at: \.scheduleName),
        .strings("includedNamespaces", at: \.includedNamespaces),
        .strings("excludedNamespaces", at: \.excludedNamespaces),
        .strings("includedResources", at: \.includedResources),
        .strings("excludedResources", at: \.excludedResources),
        .stringMap("namespaceMapping", at: \.namespaceMapping),
        .selector("labelSelector", at: \.labelSelector),
        .selectors("orLabelSelectors", at: \.orLabelSelectors),
        .bool("restorePVs", at: \.restorePVs),
        .nested("restoreStatus", at: \.restoreStatus),
        .bool("preserveNodePorts", at: \.preserveNodePorts),
        .bool("includeClusterResources", at: \.includeClusterResources),
        .raw("hooks", at: \.hooks),
        .text("existingResourcePolicy", at: \.existingResourcePolicy),
        .duration("itemOperationTimeout", at: \.itemOperationTimeout),
        .nested("resourceModifier", at: \.resourceModifier),
        .bool("uploaderConfig", "writeSparseFiles", at: \.writeSparseFiles),
        .int("uploaderConfig", "parallelFilesDownload", at: \.parallelFilesDownload),
    ]
}

/// Which kinds get their saved status back.
package struct RestoreStatusSpec: FieldCoded {
    package var includedResources: [String] = []
    package var excludedResources: [String] = []

    package init() {}

    package static let fields: [JSONField<RestoreStatusSpec>] = [
        .strings("includedResources", at: \.includedResources),
        .strings("excludedResources", at: \.excludedResources),
    ]
}
