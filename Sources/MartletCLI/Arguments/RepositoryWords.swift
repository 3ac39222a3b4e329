/// restic takes its flags before the verb too: `repo -r REPOSITORY snapshots` is `repo snapshots -r REPOSITORY`.
enum RepositoryWords {
    private static let withValue: Set<String> = [
        "-r", "--repo", "--repository-file", "-p", "--password-file", "--password-command", "--key-hint",
        "--retry-lock", "--limit-upload", "--limit-download", "--cacert", "--cache-dir", "--compression",
        "--pack-size",
    ]
    private static let plain: Set<String> = [
        "--json", "--no-lock", "--no-cache", "--cleanup-cache", "--insecure-tls", "-q", "--quiet", "-v", "-vv",
        "--verbose",
    ]

    static func translated(_ arguments: [String]) -> [String] {
        guard arguments.first == "repo" else { return arguments }
        var rest = arguments.dropFirst()
        var flags: [String] = []
        while let flag = rest.first, flag.hasPrefix("-") {
            let name = String(flag.prefix { $0 != "=" })
            guard withValue.contains(name) || plain.contains(name) else { return arguments }
            flags += repeated(rest.removeFirst())
            if withValue.contains(flag), let value = rest.popFirst() { flags.append(value) }
        }
        // Behind the verb and, for `key` and `repair`, behind its verb.
        let words = rest.prefix { !$0.hasPrefix("-") }.prefix(["key", "repair"].contains(rest.first) ? 2 : 1)
        return ["repo"] + words + flags + rest.dropFirst(words.count).flatMap(repeated)
    }

    /// `--verbose=2` says it twice.
    private static func repeated(_ flag: String) -> [String] {
        guard flag.hasPrefix("--verbose="), let count = Int(flag.dropFirst(10)), (0...3).contains(count) else {
            return [flag]
        }
        return [String](repeating: "--verbose", count: count)
    }
}
