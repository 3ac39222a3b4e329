import KubernetesModel
import PracticeCluster
import VeleroAPI

extension NodeScene {
    /// Serves the kinds of velero.io, and makes its namespace.
    func installDefinitions() {
        for (plural, kind) in [
            (Backup.plural, Backup.kind), (PodVolumeBackup.plural, PodVolumeBackup.kind),
            (PodVolumeRestore.plural, PodVolumeRestore.kind), (BackupRepository.plural, BackupRepository.kind),
            (BackupStorageLocation.plural, BackupStorageLocation.kind),
        ] {
            create(
                "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                [
                    "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                    "metadata": ["name": .string("\(plural).velero.io")],
                    "spec": [
                        "group": "velero.io", "scope": "Namespaced",
                        "names": [
                            "plural": .string(plural), "singular": .string(kind.lowercased()), "kind": .string(kind),
                            "listKind": .string("\(kind)List"),
                        ],
                        "versions": [
                            [
                                "name": "v1", "served": true, "storage": true,
                                "schema": [
                                    "openAPIV3Schema": [
                                        "type": "object", "x-kubernetes-preserve-unknown-fields": true,
                                    ]
                                ],
                            ]
                        ],
                    ],
                ])
        }
        cluster.settle()
        createNamespace("velero")
    }

    /// A PodVolumeBackup as a server makes it.
    func askForBackup(
        _ name: String, pod uid: String, volume: String = "files", node: String = "node1",
        _ change: (inout PodVolumeBackup) -> Void = { _ in }
    ) {
        var object = PodVolumeBackup(name: name, namespace: "velero")
        object.spec.node = node
        object.spec.podNamespace = "app"
        object.spec.podName = "web"
        object.spec.podUID = uid
        object.spec.volume = volume
        object.spec.backupStorageLocation = "default"
        object.spec.uploaderType = "restic"
        object.spec.tags = ["backup": "b", "pod-uid": uid, "volume": volume, "ns": "app"]
        change(&object)
        create("/apis/velero.io/v1/namespaces/velero/podvolumebackups", object.json)
    }

    func podVolumeBackup(_ name: String) throws -> PodVolumeBackup? {
        try cluster.object("podvolumebackups.velero.io", name, in: "velero").map {
            try PodVolumeBackup(element: APIObject($0))
        }
    }

    func podVolumeRestore(_ name: String) throws -> PodVolumeRestore? {
        try cluster.object("podvolumerestores.velero.io", name, in: "velero").map {
            try PodVolumeRestore(element: APIObject($0))
        }
    }
}
