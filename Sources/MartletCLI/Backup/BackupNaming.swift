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

    /// What to look at when `name` does not exist among `names`.
    static func others(_ names: [String], than name: String) -> String {
        if let nearest = Suggestion.nearest(to: name, in: names) { return "did you mean '\(nearest)'?" }
        guard !names.isEmpty else { return "there are none in this store; is it the right one?" }
        let more = names.count > 10 ? " and \(names.count - 10) more" : ""
        return "there are: \(names.prefix(10).joined(separator: ", "))\(more)"
    }
}
