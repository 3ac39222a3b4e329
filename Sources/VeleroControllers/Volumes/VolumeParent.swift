internal import FileSystemBackup
internal import ResticFormat
internal import ResticRepository

/// Which snapshot the new one of a volume is compared with. Paths are of no use, for they hold the uid of a pod that changes
/// with every restart; the claim stays. Source: reference section 9.2 (Velero asks its objects for the newest of the claim).
enum VolumeParent {
    /// The newest snapshot of the same claim; for a volume without a claim, of the same volume of the very same pod.
    ///
    /// - Parameters:
    ///   - tags: of the new snapshot, as a PodVolumeBackup has them.
    ///   - snapshots: the oldest first.
    static func choose(tags: [String: String], among snapshots: [StoredSnapshot]) -> ParentSnapshot? {
        let wanted: [String]
        if let claim = tags["pvc-uid"], !claim.isEmpty {
            wanted = ["pvc-uid=\(claim)"]
        } else if let pod = tags["pod-uid"], let volume = tags["volume"], !pod.isEmpty {
            wanted = ["pod-uid=\(pod)", "volume=\(volume)"]
        } else {
            return nil
        }
        guard let parent = snapshots.last(where: { wanted.allSatisfy($0.snapshot.tags.contains) }) else { return nil }
        return ParentSnapshot(id: parent.id, tree: parent.snapshot.tree)
    }

    /// As restic's `--tag` has them, in a fixed order.
    static func lines(_ tags: [String: String]) -> [String] {
        tags.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    }
}
