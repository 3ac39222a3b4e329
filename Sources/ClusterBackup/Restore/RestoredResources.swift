package import KubernetesModel

/// The kinds that a restore treats in a way of their own.
package enum Restored {
    package static let customResourceDefinitions = GroupResource("customresourcedefinitions.apiextensions.k8s.io")
    package static let namespaces = GroupResource("namespaces")
    package static let storageClasses = GroupResource("storageclasses.storage.k8s.io")
    package static let persistentVolumes = GroupResource("persistentvolumes")
    package static let persistentVolumeClaims = GroupResource("persistentvolumeclaims")
    package static let priorityClasses = GroupResource("priorityclasses.scheduling.k8s.io")
    package static let pods = GroupResource("pods")
    package static let services = GroupResource("services")
    package static let serviceAccounts = GroupResource("serviceaccounts")
    package static let secrets = GroupResource("secrets")
    package static let jobs = GroupResource("jobs.batch")
    package static let apiServices = GroupResource("apiservices.apiregistration.k8s.io")
    package static let roleBindings = GroupResource("rolebindings.rbac.authorization.k8s.io")
    package static let clusterRoleBindings = GroupResource("clusterrolebindings.rbac.authorization.k8s.io")
    package static let statefulSets = GroupResource("statefulsets.apps")
    package static let volumeSnapshots = GroupResource("volumesnapshots.snapshot.storage.k8s.io")
    package static let volumeSnapshotContents = GroupResource("volumesnapshotcontents.snapshot.storage.k8s.io")
    package static let dataUploads = GroupResource("datauploads.velero.io")
    package static let validatingWebhooks = GroupResource(
        "validatingwebhookconfigurations.admissionregistration.k8s.io")
    package static let mutatingWebhooks = GroupResource("mutatingwebhookconfigurations.admissionregistration.k8s.io")

    /// Kinds that hold containers, with the path to the pod's specification in each.
    package static let podSpecPaths: [GroupResource: [String]] = [
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
    package static let never: Set<GroupResource> = [
        GroupResource("nodes"), GroupResource("events"), GroupResource("events.events.k8s.io"),
        GroupResource("backups.velero.io"), GroupResource("restores.velero.io"),
        GroupResource("resticrepositories.velero.io"), GroupResource("csinodes.storage.k8s.io"),
        GroupResource("volumeattachments.storage.k8s.io"), GroupResource("backuprepositories.velero.io"),
    ]

    /// Restored regardless of the include filter, because volumes depend on them. Reference: section 10.1.
    package static let always: Set<GroupResource> = [dataUploads, volumeSnapshotContents]
}
