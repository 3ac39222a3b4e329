import ArgumentParser
import KubernetesModel
import VeleroAPI

/// How a backup is made and kept: the rest of the flags of `velero backup create`.
struct BackupCreateOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How long the backup is kept: '240h'; default 720h.", valueName: "span"))
    var ttl: SpanArgument?

    @Option(help: ArgumentHelp("Labels of the Backup: 'a=b,c=d'.", valueName: "pairs"))
    var labels: [PairList] = []

    @Option(help: ArgumentHelp("Annotations of the Backup: 'a=b,c=d'.", valueName: "pairs"))
    var annotations: [PairList] = []

    @Option(help: ArgumentHelp("Name of the storage location, as it will stand in the Backup.", valueName: "name"))
    var storageLocation = "default"

    @Option(help: ArgumentHelp("Snapshots of volumes by the storage provider.", valueName: "=true|false"))
    var snapshotVolumes: Choice?

    @Option(
        help: ArgumentHelp("Save pod volumes from the file system unless a pod opts out.", valueName: "=true|false"))
    var defaultVolumesToFsBackup: Choice?

    @Option(help: ArgumentHelp("ConfigMap with resource policies, in the service's namespace.", valueName: "name"))
    var resourcePoliciesConfigmap: String?

    @Option(help: ArgumentHelp("Longest wait for a CSI snapshot; kept in the Backup.", valueName: "span"))
    var csiSnapshotTimeout: SpanArgument?

    @Option(help: ArgumentHelp("Longest wait for asynchronous operations; kept in the Backup.", valueName: "span"))
    var itemOperationTimeout: SpanArgument?

    func apply(to spec: inout BackupSpec) {
        spec.ttl = ttl?.span ?? .seconds(720 * 3600)
        spec.storageLocation = storageLocation
        spec.snapshotVolumes = snapshotVolumes?.isOn
        spec.defaultVolumesToFsBackup = defaultVolumesToFsBackup?.isOn
        spec.resourcePolicy = resourcePoliciesConfigmap.map { LocalReference(kind: "configmap", name: $0) }
        spec.csiSnapshotTimeout = csiSnapshotTimeout?.span
        spec.itemOperationTimeout = itemOperationTimeout?.span
    }
}
