/// restic takes its flags before the verb too: `repo -r REPOSITORY snapshots` is `repo snapshots -r REPOSITORY`.
enum RepositoryWords {
    private static let withValue: Set<String> = [
        "-r", "--repo", "--repository-file", "-p", "--password-file", "--password-command", "--key-hint",
        "--retry-lock",
    ]
    private static let plain: Set<String> = ["--json", "--no-lock", "--no-cache"]

    static func translated(_ arguments: [String]) -> [String] {
        guard arguments.first == "repo" else { return arguments }
        var rest = arguments.dropFirst()
        var flags: [String] = []
        while let flag = rest.first, flag.hasPrefix("-") {
            let name = String(flag.prefix { $0 != "=" })
            guard withValue.contains(name) || plain.contains(name) else { return arguments }
            flags.append(rest.removeFirst())
            if withValue.contains(flag), let value = rest.popFirst() { flags.append(value) }
        }
        // Behind the verb and, for `key` and `repair`, behind its verb.
        let words = rest.prefix { !$0.hasPrefix("-") }.prefix(["key", "repair"].contains(rest.first) ? 2 : 1)
        return ["repo"] + words + flags + rest.dropFirst(words.count)
    }
}
