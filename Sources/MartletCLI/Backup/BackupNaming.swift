import VeleroAPI

/// Names as people give them.
enum BackupNaming {
    private static let rule =
        "A name has lower-case letters, digits, '-' and '.', begins and ends with a letter or a digit."

    /// - Throws: `.usage` for a text that cannot name a backup.
    static func name(_ text: String) throws(CommandError) -> BackupName {
        guard let name = BackupName(text) else { throw .usage("'\(text)' cannot name a backup", advice: rule) }
        return name
    }

    /// - Throws: `.usage` for a text that cannot name a restore.
    static func restoreName(_ text: String) throws(CommandError) -> RestoreName {
        guard let name = RestoreName(text) else { throw .usage("'\(text)' cannot name a restore", advice: rule) }
        return name
    }
}
