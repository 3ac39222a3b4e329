import ArgumentParser

/// Whether this process does the work itself.
struct DirectOptions: ParsableArguments {
    @Flag(help: "This process does the work itself; nothing is installed in the cluster.")
    var direct = false

    @Flag(help: "Print what would be done, and do nothing.")
    var dryRun = false

    /// - Throws: `.usage` without `--direct`: who else would do it is not there yet.
    func require(_ command: String, example: String) throws(CommandError) {
        guard !direct else { return }
        throw .usage(
            "'\(command)' needs '--direct' in this version",
            advice: "Without it a service in the cluster would do the work, which is not part of this version. "
                + "Let this process do it: \(example)")
    }
}
