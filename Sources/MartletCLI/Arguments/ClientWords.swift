/// The words of mc that Martlet calls otherwise: `config host add` is `alias set`, `ls` is `bucket ls`.
enum ClientWords {
    private static let bucketVerbs: Set<String> = ["ls", "cp", "cat", "stat", "du", "rm", "mb", "rb", "diff"]
    private static let aliasVerbs = [
        "add": "set", "set": "set", "ls": "list", "list": "list", "rm": "remove", "remove": "remove",
    ]

    static func translated(_ arguments: [String]) -> [String] {
        guard let first = arguments.first else { return arguments }
        if first == "config", arguments.count > 2, ["host", "hosts"].contains(arguments[1]),
            let verb = aliasVerbs[arguments[2]]
        {
            return ["alias", verb] + arguments.dropFirst(3)
        }
        if first == "alias", arguments.count > 1, let verb = aliasVerbs[arguments[1]] {
            return ["alias", verb] + arguments.dropFirst(2)
        }
        return bucketVerbs.contains(first) ? ["bucket"] + arguments : arguments
    }
}
