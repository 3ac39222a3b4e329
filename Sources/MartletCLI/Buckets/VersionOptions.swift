import ArgumentParser
import Basics

/// Which versions a command looks at.
struct VersionOptions: ParsableArguments {
    @Flag(help: "Every version and delete marker.")
    var versions = false

    @Option(
        name: [.customLong("at"), .customLong("rewind")],
        help: ArgumentHelp(
            "As it was at that instant: 2026-11-22T10:30, RFC 3339, or an age such as 7d10h. Needs a bucket with "
                + "versions; the instant is by the store's clock.", valueName: "time"))
    var at: InstantArgument?

    func validate() throws {
        if versions, at != nil { throw ValidationError("'--versions' and '--at' exclude each other") }
    }

    func view(now: Timestamp) -> VersionView {
        if let at { return .at(at.instant(now: now)) }
        return versions ? .all : .latest
    }
}

/// `--older-than` and `--newer-than`, by when objects were last written.
struct AgeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Only objects written before: an age such as 7d10h, or an instant.", valueName: "time"))
    var olderThan: InstantArgument?

    @Option(help: ArgumentHelp("Only objects written since: an age such as 7d10h, or an instant.", valueName: "time"))
    var newerThan: InstantArgument?

    /// Whether something written at `modified` counts; what has no time always does.
    func take(_ modified: Timestamp?, now: Timestamp) -> Bool {
        guard let modified else { return true }
        if let olderThan, modified >= olderThan.instant(now: now) { return false }
        if let newerThan, modified < newerThan.instant(now: now) { return false }
        return true
    }

    var isGiven: Bool { olderThan != nil || newerThan != nil }
}
