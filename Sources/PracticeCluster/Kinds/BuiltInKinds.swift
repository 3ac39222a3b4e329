import KubernetesModel

/// The kinds that Kubernetes brings along, by its minor version.
///
/// Source: the discovery documents of version 1.20.2; for later versions the "Deprecated API Migration Guide" and the
/// API reference of Kubernetes.
enum BuiltInKinds {
    /// The order in which `/apis` names the groups.
    static let groupOrder = [
        "apiregistration.k8s.io", "apps", "events.k8s.io", "authentication.k8s.io", "authorization.k8s.io",
        "autoscaling", "batch", "certificates.k8s.io", "networking.k8s.io", "extensions", "policy",
        "rbac.authorization.k8s.io", "storage.k8s.io", "admissionregistration.k8s.io", "apiextensions.k8s.io",
        "scheduling.k8s.io", "coordination.k8s.io", "node.k8s.io", "discovery.k8s.io", "resource.k8s.io",
        "flowcontrol.apiserver.k8s.io",
    ]

    static func kinds(minor: Int) -> [ServedKind] { table.compactMap { $0.served(minor: minor) } }

    private struct Row {
        let group: String
        let resource: String
        let kind: String
        var isNamespaced = true
        /// `v1`, `v1beta1:..21` (until 1.21), `v1:21..` (since 1.21), `v1beta2:23..28`; the preferred one first.
        var versions = "v1"
        var short = ""
        var categories = ""
        var subresources: [String] = []
        var verbs = ServedKind.everyVerb
        var storage: String?

        func served(minor: Int) -> ServedKind? {
            let served = versions.split(separator: " ").compactMap { Row.version($0, minor: minor) }
            guard !served.isEmpty else { return nil }
            return ServedKind(
                resource: GroupResource(group: group, resource: resource), kind: kind,
                singular: minor >= 27 ? kind.lowercased() : "",
                shortNames: short.split(separator: " ").map(String.init),
                categories: categories.isEmpty ? [] : [categories], isNamespaced: isNamespaced, verbs: verbs,
                versions: served,
                subresources: Dictionary(uniqueKeysWithValues: subresources.map { ($0, Set(served)) }),
                storage: storage.map { GroupResource($0) })
        }

        private static func version(_ text: Substring, minor: Int) -> String? {
            let parts = text.split(separator: ":")
            guard parts.count == 2 else { return String(text) }
            let bounds = parts[1].split(separator: ".", omittingEmptySubsequences: false)
            let first = bounds.first.flatMap { Int($0) } ?? 0
            let last = bounds.last.flatMap { Int($0) } ?? .max
            return (first...last).contains(minor) ? String(parts[0]) : nil
        }
    }

    private static let noCollectionDelete = ServedKind.everyVerb.filter { $0 != "deletecollection" }

    private static let table: [Row] = core + workloads + policies + machinery

    private static let core: [Row] = [
        Row(group: "", resource: "bindings", kind: "Binding", verbs: ["create"]),
        Row(
            group: "", resource: "componentstatuses", kind: "ComponentStatus", isNamespaced: false, short: "cs",
            verbs: ["get", "list"]),
        Row(group: "", resource: "configmaps", kind: "ConfigMap", short: "cm"),
        Row(group: "", resource: "endpoints", kind: "Endpoints", short: "ep"),
        Row(group: "", resource: "events", kind: "Event", short: "ev"),
        Row(group: "", resource: "limitranges", kind: "LimitRange", short: "limits"),
        Row(
            group: "", resource: "namespaces", kind: "Namespace", isNamespaced: false, short: "ns",
            subresources: ["finalize", "status"], verbs: noCollectionDelete),
        Row(
            group: "", resource: "nodes", kind: "Node", isNamespaced: false, short: "no",
            subresources: ["proxy", "status"]),
        Row(
            group: "", resource: "persistentvolumeclaims", kind: "PersistentVolumeClaim", short: "pvc",
            subresources: ["status"]),
        Row(
            group: "", resource: "persistentvolumes", kind: "PersistentVolume", isNamespaced: false, short: "pv",
            subresources: ["status"]),
        Row(
            group: "", resource: "pods", kind: "Pod", short: "po", categories: "all",
            subresources: ["attach", "binding", "eviction", "exec", "log", "portforward", "proxy", "status"]),
        Row(group: "", resource: "podtemplates", kind: "PodTemplate"),
        Row(
            group: "", resource: "replicationcontrollers", kind: "ReplicationController", short: "rc",
            categories: "all", subresources: ["scale", "status"]),
        Row(group: "", resource: "resourcequotas", kind: "ResourceQuota", short: "quota", subresources: ["status"]),
        Row(group: "", resource: "secrets", kind: "Secret"),
        Row(group: "", resource: "serviceaccounts", kind: "ServiceAccount", short: "sa", subresources: ["token"]),
        Row(
            group: "", resource: "services", kind: "Service", short: "svc", categories: "all",
            subresources: ["proxy", "status"], verbs: noCollectionDelete),
    ]

    private static let workloads: [Row] = [
        Row(group: "apps", resource: "controllerrevisions", kind: "ControllerRevision"),
        Row(
            group: "apps", resource: "daemonsets", kind: "DaemonSet", short: "ds", categories: "all",
            subresources: ["status"]),
        Row(
            group: "apps", resource: "deployments", kind: "Deployment", short: "deploy", categories: "all",
            subresources: ["scale", "status"]),
        Row(
            group: "apps", resource: "replicasets", kind: "ReplicaSet", short: "rs", categories: "all",
            subresources: ["scale", "status"]),
        Row(
            group: "apps", resource: "statefulsets", kind: "StatefulSet", short: "sts", categories: "all",
            subresources: ["scale", "status"]),
        Row(
            group: "autoscaling", resource: "horizontalpodautoscalers", kind: "HorizontalPodAutoscaler",
            versions: "v2:23.. v1 v2beta1:..24 v2beta2:..25", short: "hpa", categories: "all", subresources: ["status"]),
        Row(
            group: "batch", resource: "cronjobs", kind: "CronJob", versions: "v1:21.. v1beta1:..24", short: "cj",
            categories: "all", subresources: ["status"]),
        Row(group: "batch", resource: "jobs", kind: "Job", categories: "all", subresources: ["status"]),
        Row(
            group: "events.k8s.io", resource: "events", kind: "Event", versions: "v1 v1beta1:..24", short: "ev",
            storage: "events"),
        Row(
            group: "extensions", resource: "ingresses", kind: "Ingress", versions: "v1beta1:..21", short: "ing",
            subresources: ["status"], storage: "ingresses.networking.k8s.io"),
        Row(
            group: "networking.k8s.io", resource: "ingressclasses", kind: "IngressClass", isNamespaced: false,
            versions: "v1 v1beta1:..21"),
        Row(
            group: "networking.k8s.io", resource: "ingresses", kind: "Ingress", versions: "v1 v1beta1:..21",
            short: "ing", subresources: ["status"]),
        Row(group: "networking.k8s.io", resource: "networkpolicies", kind: "NetworkPolicy", short: "netpol"),
        Row(
            group: "networking.k8s.io", resource: "ipaddresses", kind: "IPAddress", isNamespaced: false,
            versions: "v1:33..", short: "ip"),
        Row(
            group: "networking.k8s.io", resource: "servicecidrs", kind: "ServiceCIDR", isNamespaced: false,
            versions: "v1:33..", subresources: ["status"]),
        Row(
            group: "discovery.k8s.io", resource: "endpointslices", kind: "EndpointSlice",
            versions: "v1:21.. v1beta1:..24"),
    ]

    private static let policies: [Row] = [
        Row(
            group: "policy", resource: "poddisruptionbudgets", kind: "PodDisruptionBudget",
            versions: "v1:21.. v1beta1:..24", short: "pdb", subresources: ["status"]),
        Row(
            group: "policy", resource: "podsecuritypolicies", kind: "PodSecurityPolicy", isNamespaced: false,
            versions: "v1beta1:..24", short: "psp"),
        Row(
            group: "rbac.authorization.k8s.io", resource: "clusterrolebindings", kind: "ClusterRoleBinding",
            isNamespaced: false, versions: "v1 v1beta1:..21"),
        Row(
            group: "rbac.authorization.k8s.io", resource: "clusterroles", kind: "ClusterRole", isNamespaced: false,
            versions: "v1 v1beta1:..21"),
        Row(
            group: "rbac.authorization.k8s.io", resource: "rolebindings", kind: "RoleBinding",
            versions: "v1 v1beta1:..21"),
        Row(group: "rbac.authorization.k8s.io", resource: "roles", kind: "Role", versions: "v1 v1beta1:..21"),
        Row(
            group: "scheduling.k8s.io", resource: "priorityclasses", kind: "PriorityClass", isNamespaced: false,
            versions: "v1 v1beta1:..21", short: "pc"),
        Row(
            group: "storage.k8s.io", resource: "csidrivers", kind: "CSIDriver", isNamespaced: false,
            versions: "v1 v1beta1:..21"),
        Row(
            group: "storage.k8s.io", resource: "csinodes", kind: "CSINode", isNamespaced: false,
            versions: "v1 v1beta1:..21"),
        Row(
            group: "storage.k8s.io", resource: "csistoragecapacities", kind: "CSIStorageCapacity",
            versions: "v1:24.. v1beta1:21..26"),
        Row(
            group: "storage.k8s.io", resource: "storageclasses", kind: "StorageClass", isNamespaced: false,
            versions: "v1 v1beta1:..21", short: "sc"),
        Row(
            group: "storage.k8s.io", resource: "volumeattachments", kind: "VolumeAttachment", isNamespaced: false,
            versions: "v1 v1beta1:..21", subresources: ["status"]),
        Row(
            group: "storage.k8s.io", resource: "volumeattributesclasses", kind: "VolumeAttributesClass",
            isNamespaced: false, versions: "v1:34..", short: "vac"),
        Row(group: "coordination.k8s.io", resource: "leases", kind: "Lease", versions: "v1 v1beta1:..21"),
        Row(
            group: "node.k8s.io", resource: "runtimeclasses", kind: "RuntimeClass", isNamespaced: false,
            versions: "v1 v1beta1:..24"),
        Row(
            group: "resource.k8s.io", resource: "deviceclasses", kind: "DeviceClass", isNamespaced: false,
            versions: "v1:34.."),
        Row(
            group: "resource.k8s.io", resource: "resourceclaims", kind: "ResourceClaim", versions: "v1:34..",
            subresources: ["status"]),
        Row(
            group: "resource.k8s.io", resource: "resourceclaimtemplates", kind: "ResourceClaimTemplate",
            versions: "v1:34.."),
        Row(
            group: "resource.k8s.io", resource: "resourceslices", kind: "ResourceSlice", isNamespaced: false,
            versions: "v1:34.."),
    ]

    private static let machinery: [Row] = [
        Row(
            group: "admissionregistration.k8s.io", resource: "mutatingwebhookconfigurations",
            kind: "MutatingWebhookConfiguration", isNamespaced: false, versions: "v1 v1beta1:..21",
            categories: "api-extensions"),
        Row(
            group: "admissionregistration.k8s.io", resource: "validatingwebhookconfigurations",
            kind: "ValidatingWebhookConfiguration", isNamespaced: false, versions: "v1 v1beta1:..21",
            categories: "api-extensions"),
        Row(
            group: "admissionregistration.k8s.io", resource: "validatingadmissionpolicies",
            kind: "ValidatingAdmissionPolicy", isNamespaced: false, versions: "v1:30..",
            categories: "api-extensions", subresources: ["status"]),
        Row(
            group: "admissionregistration.k8s.io", resource: "validatingadmissionpolicybindings",
            kind: "ValidatingAdmissionPolicyBinding", isNamespaced: false, versions: "v1:30..",
            categories: "api-extensions"),
        Row(
            group: "apiextensions.k8s.io", resource: "customresourcedefinitions", kind: "CustomResourceDefinition",
            isNamespaced: false, versions: "v1 v1beta1:..21", short: "crd crds", categories: "api-extensions",
            subresources: ["status"]),
        Row(
            group: "apiregistration.k8s.io", resource: "apiservices", kind: "APIService", isNamespaced: false,
            versions: "v1 v1beta1:..21", categories: "api-extensions", subresources: ["status"]),
        Row(
            group: "certificates.k8s.io", resource: "certificatesigningrequests", kind: "CertificateSigningRequest",
            isNamespaced: false, versions: "v1 v1beta1:..21", short: "csr", subresources: ["approval", "status"]),
        Row(
            group: "flowcontrol.apiserver.k8s.io", resource: "flowschemas", kind: "FlowSchema", isNamespaced: false,
            versions: "v1:29.. v1beta3:26..31 v1beta2:23..28 v1beta1:..25", subresources: ["status"]),
        Row(
            group: "flowcontrol.apiserver.k8s.io", resource: "prioritylevelconfigurations",
            kind: "PriorityLevelConfiguration", isNamespaced: false,
            versions: "v1:29.. v1beta3:26..31 v1beta2:23..28 v1beta1:..25", subresources: ["status"]),
        Row(
            group: "authentication.k8s.io", resource: "tokenreviews", kind: "TokenReview", isNamespaced: false,
            versions: "v1 v1beta1:..21", verbs: ["create"]),
        Row(
            group: "authentication.k8s.io", resource: "selfsubjectreviews", kind: "SelfSubjectReview",
            isNamespaced: false, versions: "v1:28..", verbs: ["create"]),
        Row(
            group: "authorization.k8s.io", resource: "localsubjectaccessreviews", kind: "LocalSubjectAccessReview",
            versions: "v1 v1beta1:..21", verbs: ["create"]),
        Row(
            group: "authorization.k8s.io", resource: "selfsubjectaccessreviews", kind: "SelfSubjectAccessReview",
            isNamespaced: false, versions: "v1 v1beta1:..21", verbs: ["create"]),
        Row(
            group: "authorization.k8s.io", resource: "selfsubjectrulesreviews", kind: "SelfSubjectRulesReview",
            isNamespaced: false, versions: "v1 v1beta1:..21", verbs: ["create"]),
        Row(
            group: "authorization.k8s.io", resource: "subjectaccessreviews", kind: "SubjectAccessReview",
            isNamespaced: false, versions: "v1 v1beta1:..21", verbs: ["create"]),
    ]
}
