import ArgumentParser
import FileSystemBackup

/// What of a snapshot is restored, by restic's flags.
struct RestoreChoiceOptions: ParsableArguments {
    @Option(
        name: [.customShort("i"), .long], help: ArgumentHelp("Only what matches; repeatable.", valueName: "pattern"))
    var include: [String] = []

    @Option(help: ArgumentHelp("The same, capital letters or not.", valueName: "pattern"))
    var iinclude: [String] = []

    @Option(help: ArgumentHelp("A file of such patterns, one a line.", valueName: "file"))
    var includeFile: [String] = []

    @Option(help: ArgumentHelp("The same, capital letters or not.", valueName: "file"))
    var iincludeFile: [String] = []

    @Option(
        name: [.customShort("e"), .long], help: ArgumentHelp("All but what matches; repeatable.", valueName: "pattern"))
    var exclude: [String] = []

    @Option(help: ArgumentHelp("The same, capital letters or not.", valueName: "pattern"))
    var iexclude: [String] = []

    @Option(help: ArgumentHelp("A file of such patterns, one a line.", valueName: "file"))
    var excludeFile: [String] = []

    @Option(help: ArgumentHelp("The same, capital letters or not.", valueName: "file"))
    var iexcludeFile: [String] = []

    func validate() throws {
        let includes = [include, iinclude, includeFile, iincludeFile].contains { !$0.isEmpty }
        let excludes = [exclude, iexclude, excludeFile, iexcludeFile].contains { !$0.isEmpty }
        if includes, excludes { throw ValidationError("--include and --exclude cannot be given together") }
    }

    /// Nil for everything.
    /// - Throws: `.usage` for a pattern that makes no sense, and a file that cannot be read.
    func selection(_ context: CommandContext) throws -> RestoreSelection? {
        let included = try lists(include, includeFile, iinclude, iincludeFile, context)
        if !included.isEmpty { return .including(included) }
        let excluded = try lists(exclude, excludeFile, iexclude, iexcludeFile, context)
        return excluded.isEmpty ? nil : .excluding(excluded)
    }

    private func lists(
        _ exact: [String], _ exactFiles: [String], _ folded: [String], _ foldedFiles: [String],
        _ context: CommandContext
    ) throws -> [PatternList] {
        [
            try PatternList(exact + ListFile.patterns(in: exactFiles, context)),
            try PatternList(folded + ListFile.patterns(in: foldedFiles, context), ignoresCase: true),
        ].filter { !$0.isEmpty }
    }
}
