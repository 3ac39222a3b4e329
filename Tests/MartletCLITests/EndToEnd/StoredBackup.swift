import Basics
import ClusterBackup
import FoundationEssentials
import KubernetesModel
import NIOCore
import ObjectStorage
import VeleroAPI

/// A backup `nightly` in a folder store, written by hand: whole, or with what the test breaks.
struct StoredBackup {
    static let now = Timestamp(seconds: 1_795_000_000)

    let store: String

    /// - Parameters:
    ///   - archive: its bytes; none is written if nil.
    static func write(into store: String, archive: [UInt8]?) throws -> StoredBackup {
        let folder = "\(store)/backups/nightly"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var backup = Backup(name: "nightly", namespace: "velero")
        backup.status.phase = .completed
        backup.status.version = 1
        backup.status.formatVersion = ArchivePacker.formatVersion
        backup.status.startTimestamp = now
        backup.status.completionTimestamp = now
        try Data(backup.json.serialized()).write(to: URL(filePath: "\(folder)/velero-backup.json"))
        if let archive { try Data(archive).write(to: URL(filePath: "\(folder)/nightly.tar.gz")) }
        return StoredBackup(store: store)
    }

    /// An archive of ConfigMaps in the namespace `a`, and of whatever else is named by path.
    static func archive(_ count: Int = 3, extra: [(path: String, content: [UInt8])] = []) -> [UInt8] {
        let packer = ArchivePacker(now: now)
        for number in 0..<count {
            let json =
                #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c\#(number)","namespace":"a"},"#
                + #""data":{"n":"\#(number)"}}"#
            packer.append(
                Array(json.utf8), resource: GroupResource("configmaps"), version: "v1", namespace: "a",
                name: "c\(number)")
        }
        for (path, content) in extra { packer.append(content, path: path) }
        return Array(packer.finish().readableBytesView)
    }
}
