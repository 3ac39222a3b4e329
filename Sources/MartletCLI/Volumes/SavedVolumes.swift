import Basics
import ClusterBackup
import VeleroAPI

/// The volumes whose data a backup has.
struct SavedVolumes: Sendable {
    let backup: String
    let volumes: [PodVolumeBackup]

    init(_ details: BackupDetails) {
        backup = details.backup.name
        volumes = details.podVolumeBackups.filter { $0.status.snapshotID?.isEmpty == false }
    }

    /// - Parameter place: `NAMESPACE/POD/VOLUME` or `NAMESPACE/CLAIM`.
    /// - Throws: `.notFound`, with what there is.
    func find(_ place: String) throws(CommandError) -> PodVolumeBackup {
        let parts = place.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let found = volumes.filter { volume in
            guard parts.first == volume.spec.podNamespace else { return false }
            switch parts.count {
            case 3: return parts[1] == volume.spec.podName && parts[2] == volume.spec.volume
            case 2: return parts[1] == volume.annotations[VeleroName.pvcName]
            default: return false
            }
        }
        guard let volume = found.first else {
            let known = volumes.map(SavedVolumes.name).joined(separator: ", ")
            throw CommandError(
                .notFound, "backup '\(backup)' has no data of a volume '\(place)'",
                advice: [known.isEmpty ? "It has no volumes at all." : "It has: \(known)"])
        }
        guard ["", "restic"].contains(volume.spec.uploaderType) else {
            throw CommandError(
                .failed,
                "the data of volume '\(place)' was saved by \(volume.spec.uploaderType), which this version cannot read"
            )
        }
        return volume
    }

    static func name(_ volume: PodVolumeBackup) -> String {
        "\(volume.spec.podNamespace)/\(volume.spec.podName)/\(volume.spec.volume)"
    }

    var table: Table {
        var table = Table(["VOLUME", "CLAIM", "SIZE", "SNAPSHOT", "STATUS"])
        for volume in volumes {
            table.append([
                SavedVolumes.name(volume), volume.annotations[VeleroName.pvcName] ?? "<none>",
                volume.status.totalBytes.map { ByteCount($0).description } ?? "<unknown>",
                String((volume.status.snapshotID ?? "").prefix(8)), volume.phase.rawValue,
            ])
        }
        return table
    }
}
