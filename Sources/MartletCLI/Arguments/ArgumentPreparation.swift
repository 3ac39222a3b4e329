import ArgumentParser

/// Brings what people type, by the habits of velero and kubectl, into the one form that the parser reads.
///
/// - `-n NAME` and the other cluster flags may stand before the command's words;
/// - `create backup` is `backup create`, and plurals are as good as singulars;
/// - a flag with an optional value takes it after `=` only, so that `--include-cluster-resources nightly` leaves `nightly`
///   to be the name: `--flag` becomes `--flag=true`;
/// - a plain flag may be written `--flag=true` or `--flag=false`.
package enum ArgumentPreparation {
    /// Flags of velero whose value is optional; without one they mean true.
    static let optionalValues: Set<String> = [
        "--include-cluster-resources", "--snapshot-volumes", "--default-volumes-to-fs-backup", "--snapshot-move-data",
        "--restore-volumes", "--preserve-nodeports",
    ]

    /// Flags without a value.
    static let plain: Set<String> = [
        "--details", "--yes", "--confirm", "--dry-run", "--force", "--direct",
        "--unchanged", "--json", "--recursive", "--versions", "--overwrite", "--remove", "--watch", "--md5",
    ]

    /// Flags that every command takes, with a value each.
    private static let clusterFlags: Set<String> = [
        "--kubeconfig", "--context", "--kubecontext", "-n", "--namespace", "--as", "--as-group",
    ]

    private static let verbs: Set<String> = [
        "create", "get", "describe", "logs", "delete", "download", "extract", "diff",
    ]

    /// - Throws: `.usage` for a word that is no command, with the one that was probably meant.
    package static func prepare(_ arguments: [String]) throws(CommandError) -> [String] {
        let (leading, rest) = separateLeadingFlags(arguments)
        let ordered = nounFirst(RepositoryWords.translated(ClientWords.translated(rest)))
        try checkWords(ordered, tree: MartletCommand.self, path: ["martlet"])
        let wordCount = ordered.prefix { !$0.hasPrefix("-") }.count
        let words = ordered.prefix(commandDepth(ordered.prefix(wordCount), tree: MartletCommand.self))
        return normalised(Array(words) + leading + ordered.dropFirst(words.count))
    }

    /// Cluster flags before the first word.
    private static func separateLeadingFlags(_ arguments: [String]) -> (leading: [String], rest: [String]) {
        var leading: [String] = []
        var rest = arguments[...]
        while let first = rest.first, first.hasPrefix("-") {
            let name = String(first.prefix { $0 != "=" })
            guard clusterFlags.contains(name) else { break }
            leading.append(rest.removeFirst())
            if !first.contains("="), let value = rest.popFirst() { leading.append(value) }
        }
        return (leading, Array(rest))
    }

    private static func nounFirst(_ arguments: [String]) -> [String] {
        var arguments = arguments
        let nouns = ["backups": "backup", "backup": "backup", "restores": "restore", "restore": "restore"]
        if let verb = arguments.first, verbs.contains(verb), arguments.count > 1, let noun = nouns[arguments[1]] {
            arguments[0] = noun
            arguments[1] = verb
        } else if let first = arguments.first, let noun = nouns[first] {
            arguments[0] = noun
        }
        return arguments
    }

    private static func subcommand(_ word: String, of command: any ParsableCommand.Type) -> (any ParsableCommand.Type)?
    {
        command.configuration.subcommands.first { $0.configuration.commandName == word }
    }

    private static func commandDepth(_ words: ArraySlice<String>, tree: any ParsableCommand.Type) -> Int {
        var depth = 0
        var command = tree
        for word in words {
            guard let next = subcommand(word, of: command) else { break }
            command = next
            depth += 1
        }
        return depth
    }

    private static func checkWords(
        _ arguments: [String], tree: any ParsableCommand.Type, path: [String]
    ) throws(CommandError) {
        let known = tree.configuration.subcommands.compactMap { $0.configuration.commandName }
        guard !known.isEmpty, let word = arguments.first, !word.hasPrefix("-"), word != "help" else { return }
        guard let next = subcommand(word, of: tree) else {
            // What follows a noun with a default verb are that verb's arguments.
            if tree.configuration.defaultSubcommand != nil { return }
            let suggestion = Suggestion.sentence(for: word, in: known)
            throw .usage(
                "'\(path.joined(separator: " "))' has no command '\(word)'.\(suggestion)",
                advice: "Commands are: \(known.joined(separator: ", ")). See '\(path.joined(separator: " ")) --help'.")
        }
        try checkWords(Array(arguments.dropFirst()), tree: next, path: path + [word])
    }

    private static func normalised(_ arguments: [String]) -> [String] {
        var result: [String] = []
        for (index, argument) in arguments.enumerated() {
            if argument == "--" { return result + arguments[index...] }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if optionalValues.contains(argument) {
                result.append("\(argument)=true")
            } else if parts.count == 2, plain.contains(String(parts[0])), ["true", "false"].contains(parts[1]) {
                if parts[1] == "true" { result.append(String(parts[0])) }
            } else {
                result.append(argument)
            }
        }
        return result
    }
}
