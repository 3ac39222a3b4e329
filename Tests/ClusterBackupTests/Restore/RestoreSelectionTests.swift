import ClusterBackup
import KubernetesClient
import KubernetesModel
import Testing
import VeleroAPI

@Suite("What a restore chooses")
struct RestoreSelectionTests {
    static let served = ServedKinds(
        Discovery(
            groups: [.init(name: "", versions: ["v1"]), .init(name: "apps", versions: ["v1"])],
            kinds: [
                ResourceKind(
                    groupVersion: GroupVersion(apiVersion: "v1"), resource: "pods", kind: "Pod", singular: "pod",
                    shortNames: ["po"], isNamespaced: true),
                ResourceKind(
                    groupVersion: GroupVersion(apiVersion: "v1"), resource: "persistentvolumes",
                    kind: "PersistentVolume",
                    singular: "persistentvolume", shortNames: ["pv"], isNamespaced: false),
                ResourceKind(
                    groupVersion: GroupVersion(apiVersion: "apps/v1"), resource: "deployments", kind: "Deployment",
                    singular: "deployment", shortNames: ["deploy"], isNamespaced: true),
            ]))

    private func chooses(_ place: String, _ change: (inout RestoreSpec) -> Void = { _ in }) -> Bool {
        var spec = RestoreSpec()
        change(&spec)
        return RestoreSelection(spec, served: Self.served).includes(reference(place))
    }

    private func reference(_ place: String) -> ObjectReference {
        let parts = place.split(separator: "/").map(String.init)
        return ObjectReference(
            resource: GroupResource(parts[0]), namespace: parts.count == 3 ? parts[1] : nil,
            name: parts[parts.count - 1])
    }

    @Test("is everything without filters, but for what no restore takes")
    func everything() {
        #expect(chooses("pods/a/x") && chooses("persistentvolumes/x") && chooses("widgets.example.com/a/x"))
        for never in ["nodes/x", "events/a/x", "events.events.k8s.io/a/x", "backups.velero.io/velero/x"] {
            #expect(!chooses(never))
        }
        #expect(!chooses("events/a/x") { $0.includedResources = ["events"] })
    }

    @Test("follows namespaces, patterns included")
    func namespaces() {
        #expect(!chooses("pods/b/x") { $0.includedNamespaces = ["a"] })
        #expect(chooses("pods/app-1/x") { $0.includedNamespaces = ["app-*"] })
        #expect(
            !chooses("pods/app-1/x") {
                $0.includedNamespaces = ["app-*"]
                $0.excludedNamespaces = ["app-1"]
            })
    }

    @Test("takes cluster-scoped objects only with all namespaces, unless told")
    func clusterScoped() {
        #expect(!chooses("persistentvolumes/x") { $0.includedNamespaces = ["a"] })
        #expect(!chooses("persistentvolumes/x") { $0.excludedNamespaces = ["a"] })
        #expect(
            chooses("persistentvolumes/x") {
                $0.includedNamespaces = ["a"]
                $0.includeClusterResources = true
            })
        #expect(!chooses("persistentvolumes/x") { $0.includeClusterResources = false })
    }

    @Test("knows kinds by every name", arguments: ["pods", "pod", "po", "Pod"])
    func names(name: String) {
        #expect(chooses("pods/a/x") { $0.includedResources = [name] })
        #expect(!chooses("deployments.apps/a/x") { $0.includedResources = [name] })
        #expect(!chooses("pods/a/x") { $0.excludedResources = [name] })
    }

    @Test("lets a volume come with its claim, unless cluster resources are refused")
    func broughtAlong() {
        func admits(_ change: (inout RestoreSpec) -> Void) -> Bool {
            var spec = RestoreSpec()
            change(&spec)
            return RestoreSelection(spec, served: Self.served).admits(additional: reference("persistentvolumes/x"))
        }
        #expect(admits { $0.includedNamespaces = ["a"] })
        #expect(!admits { $0.includeClusterResources = false })
        #expect(!admits { $0.excludedResources = ["pv"] })
    }

    @Test("is refused where it contradicts itself")
    func validation() throws {
        func problems(_ change: (inout RestoreSpec) -> Void) -> [String] {
            var spec = RestoreSpec()
            spec.backupName = "b"
            change(&spec)
            return RestoreValidation.problems(spec, served: Self.served)
        }
        #expect(problems { _ in }.isEmpty)
        #expect(problems { $0.scheduleName = "s" }.count == 1)
        #expect(problems { $0.backupName = "" }.count == 1)
        #expect(problems { $0.includedResources = ["nodes"] }.first?.contains("non-restorable") == true)
        #expect(problems { $0.includedResources = ["pods", "*"] }.count == 1)
        #expect(
            problems {
                $0.includedNamespaces = ["a"]; $0.excludedNamespaces = ["a"]
            }.count == 1)
        #expect(problems { $0.includedNamespaces = ["a/b"] }.count == 1)
        #expect(problems { $0.existingResourcePolicy = "replace" }.count == 1)
        #expect(problems { $0.namespaceMapping = ["a": "../b"] }.count == 1)
        #expect(problems { $0.resourceModifier = LocalReference(kind: "Secret", name: "x") }.count == 1)
        #expect(
            problems {
                $0.labelSelector = .everything
                $0.orLabelSelectors = [.everything]
            }.count == 1)
    }

    @Test("comes in the order of the reference")
    func order() {
        let kinds = [
            "services", "zebras.example.com", "pods", "deployments.apps", "configmaps", "persistentvolumes", "secrets",
            "customresourcedefinitions.apiextensions.k8s.io", "namespaces", "clusters.cluster.x-k8s.io",
            "replicasets.apps", "roles.rbac.authorization.k8s.io", "storageclasses.storage.k8s.io", "roles.example.com",
            "persistentvolumeclaims", "serviceaccounts", "endpoints",
        ].map(GroupResource.init)
        #expect(
            RestoreOrder.standard.sorted(kinds).map(\.description) == [
                "customresourcedefinitions.apiextensions.k8s.io", "namespaces", "storageclasses.storage.k8s.io",
                "persistentvolumes", "persistentvolumeclaims", "roles.rbac.authorization.k8s.io", "serviceaccounts",
                "secrets", "configmaps", "pods", "replicasets.apps", "endpoints", "services", "deployments.apps",
                "roles.example.com", "zebras.example.com", "clusters.cluster.x-k8s.io",
            ])
        let own = RestoreOrder(parsing: "services, configmaps,-,pods")
        #expect(
            own.sorted(["pods", "secrets", "configmaps", "services"].map(GroupResource.init)).map(\.description)
                == ["services", "configmaps", "secrets", "pods"])
    }
}

@Suite("Items of an archive")
struct ItemCheckTests {
    private func decode(_ bytes: String, resource: String = "configmaps", namespace: String? = "n", name: String = "c")
        throws -> APIObject
    {
        try ItemCheck.decode(
            Array(bytes.utf8),
            at: ObjectReference(resource: GroupResource(resource), namespace: namespace, name: name))
    }

    private let good = #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","namespace":"n"}}"#

    @Test("that are what they say are taken")
    func accepts() throws {
        #expect(try decode(good).name == "c")
    }

    @Test("that are no objects, or other objects, are refused by name")
    func refuses() {
        for bytes in [
            "", "{", "[]", "null", #"{"kind":"ConfigMap"}"#, good.replacing("\"c\"", with: "\"d\""),
            good.replacing("\"n\"", with: "\"m\""), good.replacing(#","namespace":"n""#, with: ""),
            good.replacing(#""v1""#, with: #""apps/v1""#), String(repeating: "[", count: 100_000),
        ] {
            #expect(throws: ActionError.self) { try decode(bytes) }
        }
    }

    @Test("with hostile names are refused", arguments: ["..", ".", "a/b", "a%2fb", "", "a\nb"])
    func names(name: String) {
        #expect(throws: ActionError.self) { try decode(good, name: name) }
    }

    @Test(
        "with hostile namespaces are refused", arguments: ["..", "a/b", "A", "a_b", String(repeating: "a", count: 64)])
    func namespaces(namespace: String) {
        #expect(throws: ActionError.self) { try decode(good, namespace: namespace) }
    }
}
