package import KubernetesModel

/// The kinds that a restore treats in a way of their own.
enum Restored {
    static let customResourceDefinitions = GroupResource("customresourcedefinitions.apiextensions.k8s.io")
    static let namespaces = GroupResource("namespaces")
    static let storageClasses = GroupResource("storageclasses.storage.k8s.io")
    static let persistentVolumes = GroupResource("persistentvolumes")
    static let persistentVolumeClaims = GroupResource("persistentvolumeclaims")
    static let priorityClasses = GroupResource("priorityclasses.scheduling.k8s.io")
    static let pods = GroupResource("pods")
    static let services = GroupResource("services")
    static let serviceAccounts = GroupResource("serviceaccounts")
    static let secrets = GroupResource("secrets")
    static let jobs = GroupResource("jobs.batch")
    static let apiServices = GroupResource("apiservices.apiregistration.k8s.io")
    static let roleBindings = GroupResource("rolebindings.rbac.authorization.k8s.io")
    static let clusterRoleBindings = GroupResource("clusterrolebindings.rbac.authorization.k8s.io")
    static let statefulSets = GroupResource("statefulsets.apps")
    static let volumeSnapshots = GroupResource("volumesnapshots.snapshot.storage.k8s.io")
    static let volumeSnapshotContents = GroupResource("volumesnapshotcontents.snapshot.storage.k8s.io")
    static let dataUploads = GroupResource("datauploads.velero.io")
    static let validatingWebhooks = GroupResource("validatingwebhookconfigurations.admissionregistration.k8s.io")
    static let mutatingWebhooks = GroupResource("mutatingwebhookconfigurations.admissionregistration.k8s.io")

    /// Kinds that hold containers, with the path to the pod's specification in each.
    static let podSpecPaths: [GroupResource: [String]] = [
        pods: ["spec"],
        GroupResource("deployments.apps"): ["spec", "template", "spec"],
        GroupResource("deployments.extensions"): ["spec", "template", "spec"],
        GroupResource("daemonsets.apps"): ["spec", "template", "spec"],
        GroupResource("daemonsets.extensions"): ["spec", "template", "spec"],
        GroupResource("replicasets.apps"): ["spec", "template", "spec"],
        GroupResource("replicasets.extensions"): ["spec", "template", "spec"],
        statefulSets: ["spec", "template", "spec"],
        GroupResource("replicationcontrollers"): ["spec", "template", "spec"],
        jobs: ["spec", "template", "spec"],
        GroupResource("cronjobs.batch"): ["spec", "jobTemplate", "spec", "template", "spec"],
    ]

    /// Never restored, whatever the filters say: they describe the lost cluster, or are the backup's own records.
    /// Reference: section 10.1.
    static let never: Set<GroupResource> = [
        GroupResource("nodes"), GroupResource("events"), GroupResource("events.events.k8s.io"),
        GroupResource("backups.velero.io"), GroupResource("restores.velero.io"),
        GroupResource("resticrepositories.velero.io"), GroupResource("csinodes.storage.k8s.io"),
        GroupResource("volumeattachments.storage.k8s.io"), GroupResource("backuprepositories.velero.io"),
    ]

    /// Restored regardless of the include filter, because volumes depend on them. Reference: section 10.1.
    static let always: Set<GroupResource> = [dataUploads, volumeSnapshotContents]
}
