import ArgumentParser
import Basics
import ResticFormat
import ResticRepository

struct RepoCheckCommand: RepositoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Look whether a repository is whole and undamaged.",
        discussion: """
            Without more only what the files say of each other is checked: that every snapshot finds its folders, files and
            packs. --read-data reads every byte, and finds what a disk has forgotten or changed. Nothing is changed.

            Examples:
              martlet repo check --repo /srv/repository
              martlet repo check --read-data
              martlet repo check --read-data-subset 1/7
            """
    )

    @Flag(help: "Read all packs and verify every blob.")
    var readData = false

    @Option(
        help: ArgumentHelp(
            "Read a part: 3/7 (the third seventh), 2.5% or 500M drawn at random.", valueName: "part"))
    var readDataSubset: String?

    @Argument(help: ArgumentHelp("Only what these snapshots need.", valueName: "snapshot"))
    var names: [String] = []

    @OptionGroup var reading: ReadingOptions
    @OptionGroup(title: "Repository") var access: RepositoryOptions

    func validate() throws {
        if readData, readDataSubset != nil {
            throw ValidationError("--read-data reads everything; leave out the subset")
        }
        if let readDataSubset, ReadSubset(readDataSubset) == nil {
            throw ValidationError("a subset is a part such as 3/7, a share such as 2.5%, or a size such as 500M")
        }
    }

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let repository = try await access.open(context)
        let progress = RepositoryProgressLine(context, isShown: access.showsProgress)
        let report = try await access.locked(repository, reading.noLock ? nil : .exclusive, startsEarly: true) {
            var options = CheckOptions()
            options.read = readData ? .all : readDataSubset.flatMap { ReadSubset($0) } ?? .none
            if !names.isEmpty {
                var ids: [ResticID] = []
                for name in names { ids.append(try await repository.snapshot(named: name).id) }
                options.snapshots = ids
            }
            return try await repository.check(options, report: progress.show)
        }
        progress.finish()
        if access.json { printJSON(report, context.console) } else { printText(report, context.console) }
        return report.isClean ? .done : .damaged
    }

    private func printText(_ report: CheckReport, _ console: Console) {
        for finding in report.findings {
            console.note("\(finding.kind.isDamage ? "damage" : "hint"): \(finding.message)")
            if !finding.loss.isEmpty { console.note("  lost: \(finding.loss)") }
            if !finding.advice.isEmpty { console.note("  try: \(finding.advice)") }
        }
        let untold = report.damageCount + report.hintCount - report.findings.count
        if untold > 0 { console.note("… and \(untold) more") }
        for path in report.lostPaths {
            console.line(
                "cannot be restored: \(PlainText.printable("\(path.snapshot.shortDescription):\(path.path)", keepingLines: false))"
            )
        }
        let read = report.readPacks > 0 ? ", read \(report.readPacks) packs (\(ByteCount(report.readBytes)))" : ""
        console.line(
            "checked \(report.checkedSnapshots) snapshots, \(report.checkedTrees) folders, \(report.checkedPacks) packs\(read): "
                + (report.isClean ? "no damage" : "\(report.damageCount) things are damaged"))
    }

    private func printJSON(_ report: CheckReport, _ console: Console) {
        for finding in report.findings where finding.kind.isDamage {
            var line = JSONLine()
            line.add("message_type", "error")
            line.add("message", finding.message)
            console.note(line.text)
        }
        var line = JSONLine()
        line.add("message_type", "summary")
        line.add("num_errors", Int64(report.damageCount))
        let broken = report.brokenPacks.sorted().map { JSONLine.string($0.description) }
        line.add("broken_packs", json: broken.isEmpty ? "null" : JSONLine.array(broken))
        line.add("suggest_repair_index", report.suggestsRepairingIndex)
        line.add("suggest_prune", report.suggestsPrune)
        console.line(line.text)
    }
}
