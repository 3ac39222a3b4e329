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

    @Option(help: ArgumentHelp("At most so much is sent, in KiB a second.", valueName: "rate"))
    var limitUpload: Int?

    @Option(help: ArgumentHelp("At most so much is read, in KiB a second.", valueName: "rate"))
    var limitDownload: Int?

    @Option(
        name: .customLong("cacert"),
        help: ArgumentHelp("The authority behind the store's certificate, PEM; else RESTIC_CACERT.", valueName: "file"))
    var authority: String?

    @Flag(help: "Believe any certificate; for trying only.")
    var insecureTls = false

    @Flag(help: "Print JSON, as restic does.")
    var json = false

    @Flag(name: [.customShort("q"), .long], help: "No progress and no summary.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Given twice: name every file that is saved or restored.")
    var verbose: Int

    /// There is no cache; scripts for restic say it.
    @Flag(help: .hidden)
    var noCache = false

    @Flag(help: .hidden)
    var cleanupCache = false

    @Option(help: .hidden)
    var cacheDir: String?

    func validate() throws {
        for rate in [limitUpload, limitDownload] {
            if let rate, rate < 0 { throw ValidationError("a limit is a number of KiB a second; 0 is none") }
        }
    }
}

/// `--no-lock` of commands that only read.
struct ReadingOptions: ParsableArguments {
    @Flag(help: "Write no lock, for a store that cannot be written to.")
    var noLock = false
}
