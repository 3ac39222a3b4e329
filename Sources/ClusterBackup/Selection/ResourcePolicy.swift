internal import KubernetesModel

/// What a ConfigMap of resource policies says. Source: Velero 1.18, resource filtering, "Resource policies".
package struct ResourcePolicy: Sendable, Hashable {
    package var volumePolicies: [VolumePolicy] = []
    package var includeExclude: IncludeExcludePolicy?

    package init() {}
}

/// Filters that apply in addition to those of the backup. No `*` in any of them.
package struct IncludeExcludePolicy: Sendable, Hashable {
    package var includedClusterScopedResources: [String] = []
    package var excludedClusterScopedResources: [String] = []
    package var includedNamespaceScopedResources: [String] = []
    package var excludedNamespaceScopedResources: [String] = []

    package init() {}
}

/// What to do with volumes of one sort. The first policy whose conditions all hold decides.
package struct VolumePolicy: Sendable, Hashable {
    package enum Action: String, Sendable, CaseIterable {
        case skip
        case fsBackup = "fs-backup"
        case snapshot
        /// Left to a plug-in.
        case custom
    }

    package struct Conditions: Sendable, Hashable {
        /// Bytes, both ends included; nil for no bound.
        package var minimumCapacity: Int64?
        package var maximumCapacity: Int64?
        package var storageClasses: [String] = []
        package var nfs: NFS?
        package var csi: CSI?
        /// Keys of the volume's source: `emptyDir`, `nfs`, `csi`.
        package var volumeTypes: [String] = []
        package var pvcLabels: [String: String] = [:]
        package var pvcPhases: [String] = []

        package init() {}
    }

    /// An empty member matches any.
    package struct NFS: Sendable, Hashable {
        package var server = ""
        package var path = ""

        package init() {}
    }

    package struct CSI: Sendable, Hashable {
        package var driver = ""
        package var volumeAttributes: [String: String] = [:]

        package init() {}
    }

    package var conditions = Conditions()
    package var action: Action
    package var parameters: [String: String] = [:]

    package init(action: Action) { self.action = action }
}
