import Basics
import KubernetesModel
import VeleroAPI

/// Backups in lines, with the columns that `velero backup get` has and scripts read.
enum BackupTable {
    static func table(_ backups: [Backup], at now: Timestamp) -> Table {
        var table = Table(["NAME", "STATUS", "ERRORS", "WARNINGS", "CREATED", "EXPIRES", "STORAGE LOCATION", "SELECTOR"])
        for backup in backups {
            let status = backup.status
            table.append([
                backup.name, backup.phase.rawValue, "\(status.errors ?? 0)", "\(status.warnings ?? 0)",
                status.startTimestamp.map(HumanTime.instant) ?? "<nil>", expiry(of: backup, at: now),
                backup.spec.storageLocation.isEmpty ? "<none>" : backup.spec.storageLocation,
                selector(of: backup.spec),
            ])
        }
        return table
    }

    /// `29d`, `10h ago`, `n/a`.
    private static func expiry(of backup: Backup, at now: Timestamp) -> String {
        guard let expiration = backup.status.expiration else { return "n/a" }
        return expiration > now ? HumanTime.age(expiration - now) : "\(HumanTime.age(now - expiration)) ago"
    }

    static func selector(of spec: BackupSpec) -> String {
        if let selector = spec.labelSelector, !selector.isEverything { return selector.description }
        if !spec.orLabelSelectors.isEmpty { return spec.orLabelSelectors.map(\.description).joined(separator: " or ") }
        return "<none>"
    }
}
