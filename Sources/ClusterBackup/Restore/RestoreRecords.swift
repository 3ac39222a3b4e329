import Basics
import KubernetesModel
import NIOCore
import ObjectStorage
import VeleroAPI

/// Writes what a restore leaves in the bucket, where `velero restore describe` and `logs` look for it. Reference:
/// section 1.3.
enum RestoreRecords {
    /// In the order of Velero: log, results, resource list, item operations, volume info.
    static func files(_ outcome: RestoreOutcome) -> [(RestoreFile, ByteBuffer)] {
        let resources = ResourceList.json(outcome.resources.mapValues { $0.sorted() })
        return [
            (.log, outcome.log),
            (.results, Gzip.compress(outcome.results.json.serialized())),
            (.resourceList, Gzip.compress(resources.serialized())),
            (.itemOperations, Gzip.compress(JSONValue.array([]).serialized())),
            (.volumeInfo, Gzip.compress(JSONValue.array(outcome.volumes.map(volumeInfo)).serialized())),
        ]
    }

    /// Reference: section 1.4.6.
    private static func volumeInfo(_ volume: PodVolumeRestore) -> JSONValue {
        [
            "restoreMethod": "PodVolumeRestore", "snapshotDataMoved": false,
            "pvrInfo": [
                "snapshotHandle": .string(volume.spec.snapshotID),
                "size": .number(JSONNumber(Int64(volume.status.totalBytes ?? 0))),
                "uploaderType": .string(volume.spec.uploaderType), "volumeName": .string(volume.spec.volume),
                "podName": .string(volume.spec.podName), "podNamespace": .string(volume.spec.podNamespace),
                "Phase": .string(volume.phase.rawValue),
            ],
        ]
    }

    /// - Returns: why something was not written; nil if all was. A bucket that is read-only does not fail a restore.
    static func store(_ outcome: RestoreOutcome, of name: RestoreName, in store: any ObjectStore) async -> String? {
        for (file, bytes) in files(outcome) {
            let text = BackupLayout.key(file, of: name)
            guard let key = ObjectKey(text) else { return "the key is too long: \(text)" }
            do throws(StoreError) {
                _ = try await store.put(bytes, at: key, options: PutOptions())
            } catch {
                return "\(key) could not be written to \(store.location): \(error.message)"
            }
        }
        return nil
    }
}
