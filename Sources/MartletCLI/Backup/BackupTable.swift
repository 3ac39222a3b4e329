import Basics
import ClusterBackup
import KubernetesModel
import VeleroAPI

/// Backups in lines, with the columns that `velero backup get` has and scripts read.
enum BackupTable {
    static func table(_ entries: [StoredBackups.Entry], at now: Timestamp) -> Table {
        var table = Table([
            "NAME", "STATUS", "ERRORS", "WARNINGS", "CREATED", "EXPIRES", "STORAGE LOCATION", "SELECTOR",
        ])
        for entry in entries { table.append([entry.name.text] + cells(entry, at: now)) }
        return table
    }

    private static func cells(_ entry: StoredBackups.Entry, at now: Timestamp) -> [String] {
        switch entry.state {
        case .incomplete: return ["<incomplete>"] + Array(repeating: "<unknown>", count: 6)
        case .unreadable: return ["<unreadable>"] + Array(repeating: "<unknown>", count: 6)
        case .whole(let backup):
            let status = backup.status
            return [
                backup.phase.rawValue, "\(status.errors ?? 0)", "\(status.warnings ?? 0)",
                status.startTimestamp.map(HumanTime.instant) ?? "<nil>", expiry(of: backup, at: now),
                backup.spec.storageLocation.isEmpty ? "<none>" : backup.spec.storageLocation,
                selector(backup.spec.labelSelector, backup.spec.orLabelSelectors),
            ]
        }
    }

    /// `29d`, `10h ago`, `n/a`.
    private static func expiry(of backup: Backup, at now: Timestamp) -> String {
        guard let expiration = backup.status.expiration else { return "n/a" }
        return expiration > now ? HumanTime.age(expiration - now) : "\(HumanTime.age(now - expiration)) ago"
    }

    static func selector(_ selector: LabelSelector?, _ alternatives: [LabelSelector]) -> String {
        if let selector, !selector.isEverything { return selector.description }
        if !alternatives.isEmpty { return alternatives.map(\.description).joined(separator: " or ") }
        return "<none>"
    }
}
