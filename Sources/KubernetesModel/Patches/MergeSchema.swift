/// How the lists of one type of the Kubernetes API are merged by a strategic merge patch.
///
/// The table is that of the `patchStrategy`, `patchMergeKey` (extensions `x-kubernetes-patch-strategy`,
/// `x-kubernetes-patch-merge-key`) of the published OpenAPI document of Kubernetes, versions 1.20 to 1.34. A list that
/// is not named here is replaced whole; an object that is not named is merged field by field.
package indirect enum MergeSchema: Sendable {
    /// What the fields of an object need beyond plain merging.
    case object([String: Field])

    package enum Field: Sendable {
        /// An object; its own fields follow `schema`.
        case object(MergeSchema)
        /// A list of objects that are the same where `key` is the same.
        case list(key: String, MergeSchema = .plain)
        /// A list of plain values that is a set.
        case set
        /// A list that is replaced whole, whose elements still have a schema of no use here.
        case atomic
    }

    /// Nothing special below.
    package static let plain = MergeSchema.object([:])

    /// What is special about a field; nil for nothing.
    package func field(_ name: String) -> Field? {
        switch self {
        case .object(let fields): fields[name]
        }
    }

    /// The schema of a built-in kind; nil for kinds that are not built in, whose API servers refuse strategic patches.
    package static func of(kind: String, in group: String) -> MergeSchema? {
        guard isBuiltIn(group: group) else { return nil }
        var fields = kinds[GroupKind(group: group, kind: kind)] ?? [:]
        fields["metadata"] = .object(objectMeta)
        return .object(fields)
    }

    /// Groups that Kubernetes itself defines: the core, those without a dot, and `*.k8s.io` of its own source tree.
    private static func isBuiltIn(group: String) -> Bool {
        switch group {
        case "", "apps", "batch", "autoscaling", "extensions", "policy": true
        case "admissionregistration.k8s.io", "apiregistration.k8s.io", "authentication.k8s.io",
            "authorization.k8s.io", "certificates.k8s.io", "coordination.k8s.io", "discovery.k8s.io",
            "events.k8s.io", "flowcontrol.apiserver.k8s.io", "internal.apiserver.k8s.io", "networking.k8s.io",
            "node.k8s.io", "rbac.authorization.k8s.io", "resource.k8s.io", "scheduling.k8s.io", "storage.k8s.io",
            "storagemigration.k8s.io", "apiextensions.k8s.io":
            true
        default: false
        }
    }

    private struct GroupKind: Hashable {
        let group: String
        let kind: String
    }

    private static let objectMeta = MergeSchema.object(["ownerReferences": .list(key: "uid"), "finalizers": .set])

    private static let conditions: [String: Field] = ["conditions": .list(key: "type")]

    private static let container = MergeSchema.object([
        "ports": .list(key: "containerPort"),
        "env": .list(key: "name"),
        "volumeMounts": .list(key: "mountPath"),
        "volumeDevices": .list(key: "devicePath"),
    ])

    private static let podSpec = MergeSchema.object([
        "volumes": .list(key: "name"),
        "containers": .list(key: "name", container),
        "initContainers": .list(key: "name", container),
        "ephemeralContainers": .list(key: "name", container),
        "imagePullSecrets": .list(key: "name"),
        "hostAliases": .list(key: "ip"),
        "topologySpreadConstraints": .list(key: "topologyKey"),
        "schedulingGates": .list(key: "name"),
        "resourceClaims": .list(key: "name"),
    ])

    private static let podTemplate = MergeSchema.object(["metadata": .object(objectMeta), "spec": .object(podSpec)])

    private static let jobSpec = MergeSchema.object(["template": .object(podTemplate)])

    /// A kind whose spec has a pod template and whose status has conditions.
    private static let workload: [String: Field] = [
        "spec": .object(.object(["template": .object(podTemplate)])),
        "status": .object(.object(conditions)),
    ]

    private static let withStatusConditions: [String: Field] = ["status": .object(.object(conditions))]

    private static let webhooks: [String: Field] = ["webhooks": .list(key: "name")]

    private static let kinds: [GroupKind: [String: Field]] = [
        GroupKind(group: "", kind: "Pod"): [
            "spec": .object(podSpec),
            "status": .object(
                .object([
                    "conditions": .list(key: "type"), "podIPs": .list(key: "ip"), "hostIPs": .list(key: "ip"),
                    "resourceClaimStatuses": .list(key: "name"),
                ])),
        ],
        GroupKind(group: "", kind: "PodTemplate"): ["template": .object(podTemplate)],
        GroupKind(group: "", kind: "ReplicationController"): workload,
        GroupKind(group: "", kind: "Service"): [
            "spec": .object(.object(["ports": .list(key: "port")])), "status": .object(.object(conditions)),
        ],
        GroupKind(group: "", kind: "ServiceAccount"): ["secrets": .list(key: "name")],
        GroupKind(group: "", kind: "Namespace"): withStatusConditions,
        GroupKind(group: "", kind: "PersistentVolumeClaim"): withStatusConditions,
        GroupKind(group: "", kind: "Node"): [
            "spec": .object(.object(["podCIDRs": .set])),
            "status": .object(.object(["conditions": .list(key: "type"), "addresses": .list(key: "type")])),
        ],
        GroupKind(group: "apps", kind: "Deployment"): workload,
        GroupKind(group: "apps", kind: "ReplicaSet"): workload,
        GroupKind(group: "apps", kind: "StatefulSet"): workload,
        GroupKind(group: "apps", kind: "DaemonSet"): workload,
        GroupKind(group: "batch", kind: "Job"): workload,
        GroupKind(group: "batch", kind: "CronJob"): [
            "spec": .object(.object(["jobTemplate": .object(.object(["spec": .object(jobSpec)]))]))
        ],
        GroupKind(group: "policy", kind: "PodDisruptionBudget"): withStatusConditions,
        GroupKind(group: "apiregistration.k8s.io", kind: "APIService"): withStatusConditions,
        GroupKind(group: "storage.k8s.io", kind: "CSINode"): [
            "spec": .object(.object(["drivers": .list(key: "name")]))
        ],
        GroupKind(group: "admissionregistration.k8s.io", kind: "MutatingWebhookConfiguration"): webhooks,
        GroupKind(group: "admissionregistration.k8s.io", kind: "ValidatingWebhookConfiguration"): webhooks,
    ]
}
