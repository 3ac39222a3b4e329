import ArgumentParser

/// Which repository, and how to open it: the flags of every command of `martlet repo`, named as restic's.
struct RepositoryOptions: ParsableArguments {
    @Option(
        name: [.customShort("r"), .customLong("repo")],
        help: ArgumentHelp(
            "The repository: file:///DIR, ./DIR, s3://BUCKET/PREFIX?endpoint=…, or as restic writes it, s3:https://HOST/BUCKET; "
                + "else RESTIC_REPOSITORY.", valueName: "store"))
    var repository: String?

    @Option(help: ArgumentHelp("A file with the repository in it; else RESTIC_REPOSITORY_FILE.", valueName: "file"))
    var repositoryFile: String?

    @Option(
        name: [.customShort("p"), .customLong("password-file")],
        help: ArgumentHelp("A file with the password in it; else RESTIC_PASSWORD_FILE.", valueName: "file"))
    var passwordFile: String?

    @Option(
        help: ArgumentHelp(
            "A program that prints the password; else RESTIC_PASSWORD_COMMAND.", valueName: "command"))
    var passwordCommand: String?

    @Option(help: ArgumentHelp("The key to try first; else RESTIC_KEY_HINT.", valueName: "id"))
    var keyHint: String?

    @Option(
        help: ArgumentHelp(
            "How long to wait for somebody else's lock: 30s, 5m, 1h.", valueName: "duration"))
    var retryLock: SpanArgument?

    @Flag(help: "Print JSON, as restic does.")
    var json = false
}

/// `--no-lock` of commands that only read.
struct ReadingOptions: ParsableArguments {
    @Flag(help: "Write no lock, for a store that cannot be written to.")
    var noLock = false
}

/// A span as Go writes it: `90s`, `5m`, `1h30m`.
struct SpanArgument: ExpressibleByArgument, Sendable, Hashable {
    let duration: Duration

    init?(argument: String) {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600]
        var total: Int64 = 0
        var digits = ""
        for character in argument {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            // 100,000 hours are more than anybody waits, and keep the sum in its bounds.
            guard let unit = units[character], let number = Int64(digits), number <= 360_000_000 / unit else { return nil }
            total += number * unit
            digits = ""
        }
        guard digits.isEmpty, !argument.isEmpty else { return nil }
        duration = .seconds(total)
    }
}
