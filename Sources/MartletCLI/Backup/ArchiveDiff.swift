import ClusterBackup
import KubernetesModel

/// Two archives, object by object: what the second lacks or has otherwise. Memory: two objects at a time.
struct ArchiveDiff {
    let first: BackupArchiveReader
    let second: BackupArchiveReader
    /// Empty for all, and for what has no namespace.
    let namespaces: Set<String>

    func run(_ tally: inout DiffTally) throws(ClusterBackupError) {
        for kind in first.index.kinds {
            for item in first.index.items(of: kind) where includes(item.reference) {
                guard let other = second.index.item(item.reference) else {
                    tally.add(.missing, item.reference)
                    continue
                }
                let differences = ObjectComparison.differences(
                    original: try first.object(of: item), restored: try second.object(of: other), resource: kind)
                tally.add(differences.isEmpty ? .equal : .different(differences), item.reference)
            }
        }
    }

    private func includes(_ reference: ObjectReference) -> Bool {
        namespaces.isEmpty || reference.namespace.map(namespaces.contains) ?? false
    }
}
