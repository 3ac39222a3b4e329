import Basics
import ClusterBackup
import KubernetesModel
import MartletTestSupport
import NIOCore
import ObjectStorage
import PracticeCluster
import Testing
import VeleroAPI

@Suite struct DirectBackupTests {
    @Test func `a full backup has everything and all files`() async throws {
        let test = try BackupTestCluster()
        test.fill()
        let outcome = try await test.back { $0.ttl = .seconds(240 * 3600) }
        let archived = try await test.archived()
        for item in [
            "configmaps/app/one", "configmaps/app/two", "configmaps/other/three", "pods/app/web",
            "persistentvolumeclaims/app/data", "persistentvolumes/pv1", "priorityclasses.scheduling.k8s.io/urgent",
            "serviceaccounts/app/robot", "clusterroles.rbac.authorization.k8s.io/strangers", "namespaces/app",
            "namespaces/other", "widgets.example.org/app/w",
            "customresourcedefinitions.apiextensions.k8s.io/widgets.example.org",
        ] {
            #expect(archived.contains(item), "\(item)")
        }
        #expect(outcome.itemCount == archived.count)
        let folder = "backups/full/"
        #expect(
            try await test.keys()
                == [
                    "full-itemoperations.json.gz", "full-logs.gz", "full-podvolumebackups.json.gz",
                    "full-resource-list.json.gz", "full-results.gz", "full-volumeinfo.json.gz",
                    "full-volumesnapshots.json.gz", "full.tar.gz", "velero-backup.json",
                ].map { folder + $0 })
        let backup = try await StoredBackups(test.store).backup(BackupName("full")!)
        #expect(backup == outcome.backup || backup.json == outcome.backup.json)
        #expect(backup.status.formatVersion == "1.1.0")
        #expect(backup.status.version == 1)
        #expect(backup.status.startTimestamp == test.now)
        #expect(backup.status.expiration == test.now + .seconds(240 * 3600))
        #expect(backup.spec.includedNamespaces == ["*"])
        #expect(backup.labels["velero.io/storage-location"] == "default")
        #expect(backup.annotations["velero.io/source-cluster-k8s-gitversion"]?.hasPrefix("v1.") == true)
        #expect(backup.status.itemsBackedUp == archived.count)
    }

    @Test func `objects are the server's own bytes, whatever numbers they hold`() async throws {
        let test = try BackupTestCluster()
        test.fill()
        test.create(
            "/apis/example.org/v1/namespaces/app/widgets",
            [
                "apiVersion": "example.org/v1", "kind": "Widget", "metadata": ["name": "odd"],
                "numbers": try JSONValue(parsing: "[1.0,1e3,18446744073709551615,-0.0]"),
            ])
        _ = try await test.back()
        let stored = try await test.object("widgets.example.org/app/odd")
        #expect(stored?.json == test.cluster.object("widgets.example.org", "odd", in: "app"))
        let config = try await test.object("configmaps/app/one")
        #expect(config?.json == test.cluster.object("configmaps", "one", in: "app"))
    }

    @Test func `one namespace brings along what its objects need from the cluster, and nothing else of it`()
        async throws
    {
        let test = try BackupTestCluster()
        test.fill()
        _ = try await test.back { $0.includedNamespaces = ["app"] }
        let cluster = try await test.archived().filter { $0.split(separator: "/").count == 2 }
        #expect(
            cluster == [
                "persistentvolumes/pv1", "priorityclasses.scheduling.k8s.io/urgent", "namespaces/app",
                "clusterroles.rbac.authorization.k8s.io/robots", "clusterrolebindings.rbac.authorization.k8s.io/robots",
                "customresourcedefinitions.apiextensions.k8s.io/widgets.example.org",
            ])
        #expect(try await !test.archived().contains("configmaps/other/three"))
    }

    @Test func `a selector takes what matches and what that needs`() async throws {
        let test = try BackupTestCluster()
        test.fill()
        _ = try await test.back { $0.labelSelector = try? LabelSelector(parsing: "tier=web") }
        let archived = try await test.archived()
        #expect(
            archived == [
                "configmaps/app/one", "pods/app/web", "persistentvolumeclaims/app/data", "persistentvolumes/pv1",
                "priorityclasses.scheduling.k8s.io/urgent", "namespaces/app",
            ])
        _ = try await test.back(up: "either") {
            $0.orLabelSelectors = ["tier=web", "tier"].compactMap { try? LabelSelector(parsing: $0) }
        }
        let either = try await test.archived("either")
        #expect(either == archived.union(["configmaps/other/three", "namespaces/other"]))
        let list = try await StoredBackups(test.store).resources(BackupName("either")!)
        #expect(list["v1/ConfigMap"] == ["app/one", "other/three"], "each once")
    }

    @Test func `a claim is stored without the traces of an earlier restore`() async throws {
        let test = try BackupTestCluster()
        test.fill()
        _ = try await test.back()
        let claim = try await test.object("persistentvolumeclaims/app/data")
        #expect(claim?.labels == ["mine": "kept"])
        #expect(claim?.json["spec", "volumeName"] == "pv1")
    }

    @Test func `a volume that was asked for is an error with its name, and the backup partly failed`() async throws {
        let test = try BackupTestCluster()
        test.fill()
        let outcome = try await test.back()
        #expect(outcome.phase == .partiallyFailed)
        let messages = outcome.results.errors.namespaces["app"] ?? []
        #expect(messages.count == 1)
        #expect(messages.first?.contains("name: /web") == true)
        #expect(messages.first?.contains("volume files") == true)
        let warnings = outcome.results.warnings.namespaces["app"] ?? []
        #expect(warnings.contains { $0.contains("volume lost") })
        let details = try await StoredBackups(test.store).details(BackupName("full")!)
        #expect(details.backup.phase == .partiallyFailed)
        #expect(details.backup.status.errors == 1)
        #expect(details.results == outcome.results)
        let info = try #require(details.volumes.first)
        #expect(info.pvName == "pv1")
        #expect(info.pvcName == "data")
        #expect(info.isSkipped == true)
        #expect(info.reclaimPolicy == "Delete")
        #expect(info.pvLabels == ["disk": "fast"])
        #expect(details.podVolumeBackups.isEmpty)
    }

    @Test func `a namespace without volumes completes`() async throws {
        let test = try BackupTestCluster()
        test.fill()
        let outcome = try await test.back { $0.includedNamespaces = ["other"] }
        #expect(outcome.phase == .completed, "\(outcome.results)")
        #expect(outcome.backup.status.errors == 0)
        let log = String(decoding: try await StoredBackups(test.store).log(BackupName("full")!), as: UTF8.self)
        #expect(
            log.contains("level=info msg=\"Listed 2 items\" backup=velero/full namespace=other resource=configmaps"))
    }

    @Test func `labelled objects and namespaces stay out`() async throws {
        let test = try BackupTestCluster()
        test.fill()
        test.createNamespace("private", labels: ["velero.io/exclude-from-backup": "true"])
        test.createConfigMap("hidden", in: "private")
        test.createConfigMap("skipped", in: "other", labels: ["velero.io/exclude-from-backup": "true"])
        _ = try await test.back()
        let archived = try await test.archived()
        #expect(!archived.contains { $0.contains("private") || $0.contains("skipped") })
        #expect(archived.contains("clusterroles.rbac.authorization.k8s.io/strangers"))
    }

    @Test func `objects named first are in the archive once`() async throws {
        let test = try BackupTestCluster()
        test.fill()
        let outcome = try await test.back {
            $0.includedResources = ["configmaps"]
            $0.orderedResources = ["configmaps": "other/three,app/two,app/none"]
        }
        let list = try await StoredBackups(test.store).resources(BackupName("full")!)
        let names = list["v1/ConfigMap"]?.filter { !$0.hasSuffix("/kube-root-ca.crt") }
        #expect(names == ["app/one", "app/two", "other/three"])
        #expect(outcome.results.warnings.namespaces["app"]?.first?.contains("name: /none") == true)
    }

    @Test func `a second backup of the same name changes nothing`() async throws {
        let test = try BackupTestCluster()
        test.fill()
        _ = try await test.back()
        let before = try await test.keys()
        let error = await #expect(throws: ClusterBackupError.self) { try await test.back() }
        #expect(error?.code == .alreadyExists)
        #expect(error?.message.hasPrefix("backup already exists in object storage") == true)
        #expect(try await test.keys() == before)
    }

    @Test func `leftovers of an interrupted run are not written over`() async throws {
        let test = try BackupTestCluster()
        test.fill()
        _ = try await test.store.put(
            ByteBuffer(string: "half"), at: ObjectKey("backups/full/full.tar.gz")!, options: PutOptions())
        let error = await #expect(throws: ClusterBackupError.self) { try await test.back() }
        #expect(error?.code == .alreadyExists)
        #expect(error?.message.contains("interrupted") == true)
        #expect(try await test.keys() == ["backups/full/full.tar.gz"])
    }

    @Test func `filters that contradict each other are refused before anything is written`() async throws {
        let test = try BackupTestCluster()
        let error = await #expect(throws: ClusterBackupError.self) {
            try await test.back { $0.includedNamespaces = ["a", "*"] }
        }
        #expect(error?.code == .invalid)
        #expect(try await test.keys().isEmpty)
    }

    @Test func `a policy that is missing or broken is refused and nothing stays`() async throws {
        let test = try BackupTestCluster()
        test.createNamespace("velero")
        let missing = await #expect(throws: ClusterBackupError.self) {
            try await test.back { $0.resourcePolicy = LocalReference(kind: "configmap", name: "p") }
        }
        #expect(missing?.code == .invalid)
        test.createConfigMap("p", in: "velero", data: "version: v7")
        let broken = await #expect(throws: ClusterBackupError.self) {
            try await test.back { $0.resourcePolicy = LocalReference(kind: "configmap", name: "p") }
        }
        #expect(broken?.message.contains("version must be v1") == true)
        #expect(try await test.keys().isEmpty)
    }

    @Test func `a policy that skips volumes keeps them from being asked for`() async throws {
        let test = try BackupTestCluster()
        test.fill()
        test.createNamespace("velero")
        test.createConfigMap(
            "p", in: "velero",
            data: "version: v1\nvolumePolicies: [{conditions: {storageClass: [local-path]}, action: {type: skip}}]")
        let outcome = try await test.back { $0.resourcePolicy = LocalReference(kind: "configmap", name: "p") }
        #expect(outcome.results.errors.namespaces.isEmpty, "\(outcome.results)")
        let volumes = try await StoredBackups(test.store).details(BackupName("full")!).volumes
        #expect(volumes.first?.skippedReason == "skipped by the resource policies")
    }
}
