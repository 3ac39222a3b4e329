import ArgumentParser
import Basics
import ResticFormat
import ResticRepository

struct RepoRepairIndexCommand: RepositoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "index",
        abstract: "Make the index agree with the packs that are there.",
        discussion: """
            Index files that cannot be read are replaced; packs that no index file knows are asked themselves what they hold;
            packs that are gone are forgotten. May be interrupted at any moment.

            Examples:
              martlet repo repair index --dry-run
              martlet repo repair index --read-all-packs
            """
    )

    @Flag(help: "Trust no index file: read the headers of all packs.")
    var readAllPacks = false

    @Flag(name: [.customShort("n"), .long], help: "Print what would be done, and do nothing.")
    var dryRun = false

    @OptionGroup(title: "Repository") var access: RepositoryOptions

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let repository = try await access.open(context, rehearsing: dryRun)
        let progress = RepositoryProgressLine(context, isShown: access.showsProgress)
        let repair = try await access.locked(repository, dryRun ? nil : .exclusive) {
            try await repository.repairIndex(readsAllPacks: readAllPacks, report: progress.show)
        }
        progress.finish()
        show(repair, context.console)
        return repair.unreadablePacks.isEmpty ? .done : .damaged
    }

    private func show(_ repair: IndexRepair, _ console: Console) {
        for pack in repair.unreadablePacks {
            console.note("warning: nobody can say what the pack \(pack.id) holds: \(ErrorChain.line(pack.error))")
        }
        if access.json { return console.line(json(repair).text) }
        let would = dryRun ? "would be " : ""
        for id in repair.damagedIndexFiles { console.line("\(would)replaced: the damaged index file \(id)") }
        for id in repair.indexedPacks { console.line("\(would)indexed: the pack \(id)") }
        for id in repair.missingPacks { console.line("\(would)forgotten: the missing pack \(id)") }
        let isWhole = repair.changesNothing && !readAllPacks
        console.line(isWhole ? "the index is right as it is" : dryRun ? "nothing was changed" : "the index is repaired")
    }

    private func json(_ repair: IndexRepair) -> JSONLine {
        var line = JSONLine()
        line.add("message_type", "summary")
        line.add("damaged_index_files", ids: repair.damagedIndexFiles)
        line.add("indexed_packs", ids: repair.indexedPacks)
        line.add("missing_packs", ids: repair.missingPacks)
        line.add("unreadable_packs", ids: repair.unreadablePacks.map(\.id))
        if dryRun { line.add("dry_run", true) }
        return line
    }
}

extension JSONLine {
    mutating func add(_ name: String, ids: [ResticID]) {
        add(name, json: JSONLine.array(ids.map { JSONLine.string($0.description) }))
    }
}
