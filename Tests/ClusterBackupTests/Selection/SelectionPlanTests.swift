import ClusterBackup
import KubernetesModel
import Testing
import VeleroAPI

private let allVerbs: Set<String> = ["list", "create", "get", "delete", "watch"]

private func kind(
    _ apiVersion: String, _ resource: String, _ kind: String, namespaced: Bool = true, singular: String = "",
    short: [String] = [], verbs: Set<String> = allVerbs
) -> ResourceKind {
    ResourceKind(
        groupVersion: GroupVersion(apiVersion: apiVersion), resource: resource, kind: kind, singular: singular,
        shortNames: short, isNamespaced: namespaced, verbs: verbs)
}

private let discovered = [
    kind("v1", "configmaps", "ConfigMap", short: ["cm"]), kind("v1", "events", "Event", short: ["ev"]),
    kind("v1", "namespaces", "Namespace", namespaced: false, short: ["ns"]),
    kind("v1", "persistentvolumes", "PersistentVolume", namespaced: false, short: ["pv"]),
    kind("v1", "persistentvolumeclaims", "PersistentVolumeClaim", short: ["pvc"]),
    kind("v1", "pods", "Pod", singular: "pod", short: ["po"]),
    kind("v1", "secrets", "Secret"), kind("v1", "bindings", "Binding", verbs: ["create"]),
    kind("extensions/v1beta1", "deployments", "Deployment", short: ["deploy"]),
    kind("extensions/v1beta1", "ingresses", "Ingress", short: ["ing"]),
    kind("apps/v1", "deployments", "Deployment", short: ["deploy"]), kind("events.k8s.io/v1", "events", "Event"),
    kind("rbac.authorization.k8s.io/v1", "clusterroles", "ClusterRole", namespaced: false),
    kind(
        "apiextensions.k8s.io/v1", "customresourcedefinitions", "CustomResourceDefinition", namespaced: false,
        short: ["crd"]),
    kind("storage.k8s.io/v1", "storageclasses", "StorageClass", namespaced: false, short: ["sc"]),
    kind("snapshot.storage.k8s.io/v1", "volumesnapshots", "VolumeSnapshot"),
    kind("snapshot.storage.k8s.io/v1", "volumesnapshotcontents", "VolumeSnapshotContent", namespaced: false),
    kind("example.org/v1", "widgets", "Widget"),
]
private let catalog = KindCatalog(preferred: discovered)
private let namespaces = ["app", "data", "kube-system"].map { ClusterNamespace(name: $0) }

private func plan(
    _ change: (inout BackupSpec) throws -> Void, namespaces: [ClusterNamespace] = namespaces,
    policy: ResourcePolicy? = nil
) rethrows -> SelectionPlan {
    var spec = BackupSpec()
    try change(&spec)
    return SelectionPlan(spec, catalog: catalog, clusterNamespaces: namespaces, policy: policy)
}

private func listed(_ plan: SelectionPlan) -> [String] { plan.kinds.map(\.kind.groupResource.description) }

private let clusterKinds = [
    "persistentvolumes", "clusterroles.rbac.authorization.k8s.io",
    "customresourcedefinitions.apiextensions.k8s.io", "storageclasses.storage.k8s.io",
]
private let namespacedKinds = [
    "pods", "persistentvolumeclaims", "configmaps", "events", "secrets", "deployments.apps", "widgets.example.org",
    "ingresses.extensions",
]

private func object(
    _ name: String, in namespace: String?, labels: [String: String] = [:], isBeingDeleted: Bool = false
) -> RawObject {
    RawObject(
        bytes: [], apiVersion: "v1", kind: "ConfigMap", name: name, namespace: namespace, labels: labels,
        annotations: [:], isBeingDeleted: isBeingDeleted)
}

@Suite struct SelectionPlanTests {
    @Test func `without filters everything comes, in order, cohabiting kinds once`() {
        #expect(
            listed(plan { _ in }) == [
                "pods", "persistentvolumeclaims", "persistentvolumes", "configmaps", "events", "secrets",
                "deployments.apps", "clusterroles.rbac.authorization.k8s.io",
                "customresourcedefinitions.apiextensions.k8s.io", "storageclasses.storage.k8s.io",
                "widgets.example.org", "ingresses.extensions",
            ])
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: @Sendable (inout BackupSpec) -> Void
        let kinds: [String]

        init(_ description: String, _ kinds: [String], _ change: @escaping @Sendable (inout BackupSpec) -> Void) {
            testDescription = description
            self.kinds = kinds
            self.change = change
        }
    }

    @Test(arguments: [
        // Old filters.
        Case("one kind by short name", ["configmaps"]) { $0.includedResources = ["cm"] },
        Case("one kind by kind and group", ["deployments.apps"]) { $0.includedResources = ["Deployment.apps"] },
        Case("an unknown kind meets nothing", []) { $0.includedResources = ["gadgets"] },
        Case("a star is everything", namespacedKinds + clusterKinds) { $0.includedResources = ["*"] },
        Case("one kind left out", (namespacedKinds + clusterKinds).filter { $0 != "secrets" }) {
            $0.excludedResources = ["secret"]
        },
        Case("no cluster resources", namespacedKinds) { $0.includeClusterResources = false },
        Case("cluster resources though only one namespace", namespacedKinds + clusterKinds) {
            $0.includeClusterResources = true
            $0.includedNamespaces = ["app"]
        },
        Case("old filter unset for the cluster, one namespace", namespacedKinds.filter { $0 != "secrets" }) {
            $0.excludedResources = ["secrets"]
            $0.includedNamespaces = ["app"]
        },
        Case("old filter unset for the cluster, one namespace left out", namespacedKinds.filter { $0 != "secrets" }) {
            $0.excludedResources = ["secrets"]
            $0.excludedNamespaces = ["app"]
        },
        Case("a cluster kind asked for but namespaces limited", []) {
            $0.includedResources = ["storageclasses"]
            $0.includedNamespaces = ["app"]
        },
        Case("a cluster kind asked for, all namespaces", ["storageclasses.storage.k8s.io"]) {
            $0.includedResources = ["sc"]
        },
        // Scoped filters.
        Case("one namespace, nothing else", namespacedKinds) { $0.includedNamespaces = ["app"] },
        Case("one namespace left out", namespacedKinds) { $0.excludedNamespaces = ["app"] },
        Case("all cluster kinds by star", namespacedKinds + clusterKinds) {
            $0.includedClusterScopedResources = ["*"]
            $0.includedNamespaces = ["app"]
        },
        Case("one cluster kind", namespacedKinds + ["storageclasses.storage.k8s.io"]) {
            $0.includedClusterScopedResources = ["storageclasses"]
        },
        Case("one cluster kind left out: then the others are not implied", namespacedKinds) {
            $0.excludedClusterScopedResources = ["storageclasses"]
        },
        Case("all cluster kinds out", namespacedKinds) { $0.excludedClusterScopedResources = ["*"] },
        Case("one namespaced kind: the cluster's are not implied", ["secrets"]) {
            $0.includedNamespaceScopedResources = ["secrets"]
        },
        Case("namespaced kinds by star", namespacedKinds + clusterKinds) {
            $0.includedNamespaceScopedResources = ["*"]
        },
        Case("all namespaced kinds out, all of the cluster in", clusterKinds) {
            $0.excludedNamespaceScopedResources = ["*"]
            $0.includedClusterScopedResources = ["*"]
        },
        Case("one namespaced kind out", namespacedKinds.filter { $0 != "pods" }) {
            $0.excludedNamespaceScopedResources = ["po"]
        },
    ])
    func `kinds follow the tables of both families`(example: Case) {
        #expect(Set(listed(plan(example.change))) == Set(example.kinds))
    }

    @Test func `one list for the whole cluster, or one for each namespace`() throws {
        let whole = plan { $0.excludedNamespaces = ["data"] }
        #expect(whole.kinds.allSatisfy { $0.namespaces == nil })
        #expect(whole.keeps(object("a", in: "app"), request: 0))
        #expect(!whole.keeps(object("a", in: "data"), request: 0))
        let some = plan { $0.includedNamespaces = ["app", "d*"] }
        #expect(some.kinds.allSatisfy { $0.namespaces == ["app", "data"] })
        #expect(plan { $0.includedNamespaces = ["zzz*"] }.kinds.allSatisfy { $0.namespaces == [] })
    }

    @Test func `a named namespace that is not there is told`() {
        let problems = plan { $0.includedNamespaces = ["app", "lost"] }.problems
        #expect(problems == ["namespace lost was asked for but does not exist"])
        #expect(plan { $0.includedNamespaces = ["l*"] }.problems.isEmpty)
    }

    @Test func `the label leaves objects and namespaces out, only if it says true`() {
        let label = "velero.io/exclude-from-backup"
        let labelled = namespaces + [ClusterNamespace(name: "private", labels: [label: "true"])]
        let full = plan({ _ in }, namespaces: labelled)
        #expect(!full.keeps(object("a", in: "private"), request: 0))
        #expect(full.keeps(object("a", in: "app"), request: 0))
        #expect(!full.keeps(object("a", in: "app", labels: [label: "true"]), request: 0))
        #expect(full.keeps(object("a", in: "app", labels: [label: "yes"]), request: 0))
        #expect(listed(full).contains("storageclasses.storage.k8s.io"), "it is still a full backup")
        #expect(!full.selectedNamespaces.contains("private"))
        #expect(!full.keepsNamespace(labelled[3], hasItems: true))
    }

    @Test func `objects on their way out stay out`() {
        #expect(!plan { _ in }.keeps(object("a", in: "app", isBeingDeleted: true), request: 0))
    }

    @Test func `any of several selectors, each object once`() throws {
        let filter = try plan {
            $0.orLabelSelectors = [try LabelSelector(parsing: "a=1"), try LabelSelector(parsing: "b=1")]
        }
        #expect(filter.labels.requests.map { $0?.description } == ["a=1", "b=1"])
        let both = object("x", in: "app", labels: ["a": "1", "b": "1"])
        #expect(filter.keeps(both, request: 0))
        #expect(!filter.keeps(both, request: 1))
        #expect(filter.keeps(object("y", in: "app", labels: ["b": "1"]), request: 1))
    }

    @Test func `what others bring along passes a wider filter`() {
        let pv = GroupResource("persistentvolumes")
        let crd = GroupResource("customresourcedefinitions.apiextensions.k8s.io")
        let claim = GroupResource("persistentvolumeclaims")
        #expect(plan { $0.includedNamespaces = ["app"] }.admits(pv, namespace: nil))
        #expect(!plan { $0.includeClusterResources = false }.admits(pv, namespace: nil))
        #expect(!plan { $0.excludedResources = ["pv"] }.admits(pv, namespace: nil))
        #expect(plan { $0.includedResources = ["pods"] }.admits(pv, namespace: nil))
        #expect(!plan { $0.includedResources = ["pods"] }.admits(claim, namespace: "app"))
        #expect(!plan { $0.includedNamespaces = ["app"] }.admits(claim, namespace: "data"))
        #expect(plan { $0.includedNamespaceScopedResources = ["pods"] }.admits(claim, namespace: "app"))
        #expect(!plan { $0.excludedClusterScopedResources = ["*"] }.admits(pv, namespace: nil))
        #expect(plan { $0.includedClusterScopedResources = ["sc"] }.admits(pv, namespace: nil))
        #expect(plan { $0.includedNamespaces = ["app"] }.resources.followsDefinitions)
        #expect(!plan { $0.excludedClusterScopedResources = ["crd"] }.admits(crd, namespace: nil))
        #expect(!plan { $0.includeClusterResources = false }.resources.followsDefinitions)
    }

    @Test func `namespace objects follow their content, the filter and the selectors`() throws {
        let app = ClusterNamespace(name: "app", labels: ["env": "prod"])
        let gone = ClusterNamespace(name: "data", isActive: false)
        let full = plan { _ in }
        #expect(full.keepsNamespace(app, hasItems: false))
        #expect(!full.keepsNamespace(gone, hasItems: false))
        #expect(full.keepsNamespace(gone, hasItems: true))
        let selected = try plan { $0.labelSelector = try LabelSelector(parsing: "env=prod") }
        #expect(selected.keepsNamespace(app, hasItems: false))
        #expect(!selected.keepsNamespace(ClusterNamespace(name: "x"), hasItems: false), "everything is not enough")
        #expect(selected.keepsNamespace(ClusterNamespace(name: "x"), hasItems: true))
        let named = try plan {
            $0.includedNamespaces = ["app", "data"]
            $0.labelSelector = try LabelSelector(parsing: "env=test")
        }
        #expect(named.keepsNamespace(app, hasItems: false), "it was named")
        #expect(!named.keepsNamespace(ClusterNamespace(name: "other"), hasItems: true))
        #expect(plan { $0.includeClusterResources = false }.keepsNamespace(app, hasItems: true))
        #expect(plan { $0.excludedClusterScopedResources = ["*"] }.keepsNamespace(app, hasItems: true))
        #expect(!plan { $0.excludedClusterScopedResources = ["namespaces"] }.keepsNamespace(app, hasItems: true))
        #expect(!plan { $0.excludedResources = ["ns"] }.keepsNamespace(app, hasItems: true))
        #expect(!plan { $0.includedResources = ["pods"] }.keepsNamespace(app, hasItems: true))
    }

    @Test func `objects that go first are named by namespace and name`() {
        let plan = plan {
            $0.orderedResources = ["pods": "app/b, app/a", "pv": "pv2,pv1", "secrets": "nonamespace"]
        }
        let pods = plan.ordered.items[GroupResource("pods")]?.map(\.description)
        #expect(pods == ["pods/app/b", "pods/app/a"])
        let volumes = plan.ordered.items[GroupResource("persistentvolumes")]?.map(\.description)
        #expect(volumes == ["persistentvolumes/pv2", "persistentvolumes/pv1"])
        #expect(plan.problems == ["orderedResources: 'nonamespace' does not name an object of kind secrets"])
    }

    @Test func `a policy adds to the scoped filters and does not overrule the backup`() {
        var policy = ResourcePolicy()
        var lists = IncludeExcludePolicy()
        lists.excludedNamespaceScopedResources = ["secrets", "configmaps"]
        lists.includedClusterScopedResources = ["storageclasses"]
        policy.includeExclude = lists
        let kinds = listed(plan({ $0.includedNamespaceScopedResources = ["secrets", "pods"] }, policy: policy))
        #expect(Set(kinds) == ["secrets", "pods", "storageclasses.storage.k8s.io"])
        #expect(!listed(plan({ _ in }, policy: policy)).contains("secrets"))
    }

    @Test func `specs that contradict themselves are told in Velero's words`() throws {
        var spec = BackupSpec()
        spec.includedResources = ["pods"]
        spec.includedNamespaceScopedResources = ["pods"]
        let mixed = SelectionPlan.validationErrors(spec)
        #expect(
            mixed.first?.hasPrefix(
                "include-resources, exclude-resources and include-cluster-resources are old filter parameters.") == true
        )
        spec = BackupSpec()
        spec.labelSelector = try LabelSelector(parsing: "a=b")
        spec.orLabelSelectors = [try LabelSelector(parsing: "c=d")]
        #expect(
            SelectionPlan.validationErrors(spec)
                == ["encountered labelSelector as well as orLabelSelectors in backup spec, only one can be specified"])
        spec = BackupSpec()
        spec.excludedClusterScopedResources = ["*"]
        spec.includedClusterScopedResources = ["pv"]
        #expect(
            SelectionPlan.validationErrors(spec) == [
                "Invalid cluster-scoped included/excluded resource lists: when exclude is '*', include cannot have value"
            ])
        spec = BackupSpec()
        spec.includedResources = ["pods", "*"]
        spec.excludedResources = ["*"]
        #expect(SelectionPlan.validationErrors(spec).count == 3)
        #expect(SelectionPlan.validationErrors(BackupSpec()).isEmpty)
    }

    @Test(arguments: [
        ("pods", "pods"), ("Pod", "pods"), ("po", "pods"), ("PODS", "pods"), ("deploy", "deployments.apps"),
        ("deployments.extensions", "deployments.extensions"), ("ingress", "ingresses.extensions"),
        ("widget.example.org", "widgets.example.org"), ("widgets.example", "widgets.example.org"),
        ("clusterroles.rbac", "clusterroles.rbac.authorization.k8s.io"), ("nothing", "nothing"),
        ("bindings", "bindings"), ("storageclasses.v1.storage.k8s.io", "storageclasses.storage.k8s.io"),
    ])
    func `kinds are found by every name`(text: String, resource: String) {
        #expect(catalog.resolve(text) == GroupResource(resource))
    }
}
