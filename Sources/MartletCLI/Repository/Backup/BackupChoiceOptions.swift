import ArgumentParser
import Basics
import FileSystemBackup

/// What a backup takes and what it leaves out, by restic's flags.
struct BackupChoiceOptions: ParsableArguments {
    @Option(
        name: [.customShort("e"), .long],
        help: ArgumentHelp("Leave out what matches; repeatable.", valueName: "pattern"))
    var exclude: [String] = []

    @Option(help: ArgumentHelp("The same, capital letters or not.", valueName: "pattern"))
    var iexclude: [String] = []

    @Option(
        help: ArgumentHelp("A file of such patterns, one a line, with # comments and $VARIABLES.", valueName: "file"))
    var excludeFile: [String] = []

    @Option(help: ArgumentHelp("The same, capital letters or not.", valueName: "file"))
    var iexcludeFile: [String] = []

    @Option(
        help: ArgumentHelp("Leave out folders with this file, NAME or NAME:HEADER; repeatable.", valueName: "file"))
    var excludeIfPresent: [String] = []

    @Flag(help: "Leave out folders that are marked as caches.")
    var excludeCaches = false

    @Option(help: ArgumentHelp("Leave out files above this size: 500M, 2G.", valueName: "size"))
    var excludeLargerThan: String?

    @Flag(name: [.customShort("x"), .long], help: "Stay on the file systems of the paths.")
    var oneFileSystem = false

    @Option(
        help: ArgumentHelp(
            "A file of paths, one a line, with # comments and *; '-' for standard input.", valueName: "file"))
    var filesFrom: [String] = []

    @Option(help: ArgumentHelp("A file of paths, one a line, exactly as they are.", valueName: "file"))
    var filesFromVerbatim: [String] = []

    @Option(
        help: ArgumentHelp(
            "A file of paths, each with a zero byte behind, as 'find -print0' writes.", valueName: "file"))
    var filesFromRaw: [String] = []

    @Flag(help: "Save what comes in on standard input, as one file.")
    var stdin = false

    @Flag(help: "Run the arguments as a program and save what it prints; if it fails there is no snapshot.")
    var stdinFromCommand = false

    @Option(help: ArgumentHelp("The path of that file in the snapshot.", valueName: "path"))
    var stdinFilename = "stdin"

    func validate(targets: [String]) throws {
        let hasLists = !filesFrom.isEmpty || !filesFromVerbatim.isEmpty || !filesFromRaw.isEmpty
        if stdin && stdinFromCommand {
            throw ValidationError("--stdin and --stdin-from-command cannot be given together")
        }
        if stdinFromCommand, targets.isEmpty { throw ValidationError("which program? It stands behind '--'") }
        if stdin, !targets.isEmpty { throw ValidationError("with --stdin there are no paths") }
        if stdin || stdinFromCommand, hasLists {
            throw ValidationError("--files-from cannot be given together with standard input")
        }
        if !stdin, !stdinFromCommand, targets.isEmpty, !hasLists {
            throw ValidationError("what to back up? A path is missing")
        }
        if let excludeLargerThan, SizeText.bytes(excludeLargerThan) == nil {
            throw ValidationError("--exclude-larger-than is a size such as 500M or 2G")
        }
    }

    /// - Throws: `.usage` for a pattern that makes no sense, and a file that cannot be read.
    func rules(_ context: CommandContext) throws -> ExcludeRules {
        var rules = ExcludeRules()
        rules.lists = [
            try PatternList(exclude + ListFile.patterns(in: excludeFile, context)),
            try PatternList(iexclude + ListFile.patterns(in: iexcludeFile, context), ignoresCase: true),
        ]
        for marker in excludeIfPresent { rules.markers.append(try ExcludeRules.Marker(marker)) }
        if excludeCaches { rules.markers.append(.cacheFolder) }
        rules.staysOnFileSystem = oneFileSystem
        rules.largestFile = excludeLargerThan.flatMap { SizeText.bytes($0) }
        return rules
    }

    /// What is to be saved.
    func source(_ targets: [String], _ context: CommandContext, from folder: LocalPath) throws -> BackupSource {
        if stdin { return .standardInput(name: LocalPath(stdinFilename)) }
        if stdinFromCommand {
            return .program(words: targets, name: LocalPath(stdinFilename), environment: context.environment)
        }
        var paths = targets.map { LocalPath($0) }
        for path in filesFrom {
            for line in TargetList.lines(String(decoding: try ListFile.read(path), as: UTF8.self)) {
                let found = try TargetList.matches(of: LocalPath(line), from: folder)
                if found.isEmpty { context.console.note("warning: '\(line)' in '\(path)' matches no file: skipped") }
                paths += found
            }
        }
        for path in filesFromVerbatim { paths += TargetList.verbatim(try ListFile.read(path), separator: 0x0A) }
        for path in filesFromRaw { paths += TargetList.verbatim(try ListFile.read(path), separator: 0) }
        guard !paths.isEmpty else { throw CommandError.usage("the lists name nothing to back up") }
        return .files(paths)
    }
}

/// Files that list paths or patterns.
enum ListFile {
    /// - Parameter path: `-` for standard input.
    /// - Throws: `.usage` if it cannot be read.
    static func read(_ path: String) throws(CommandError) -> [UInt8] {
        do throws(FileError) {
            if path == "-" { return try Descriptor.standardInput.readAll(limit: sizeLimit) }
            return try LocalPath(path).contents(limit: sizeLimit)
        } catch {
            throw CommandError(.usage, "the list '\(path)' cannot be read", cause: error)
        }
    }

    static func patterns(in files: [String], _ context: CommandContext) throws(CommandError) -> [String] {
        var patterns: [String] = []
        for path in files {
            let text = String(decoding: try read(path), as: UTF8.self)
            patterns += PatternFile.patterns(in: text, environment: context.environment)
        }
        return patterns
    }

    /// In bytes: some hundred thousand paths.
    private static let sizeLimit = 64 << 20
}
