import ArgumentParser
import Basics
import NIOCore
import ResticFormat
import ResticRepository

struct RepoRepairPacksCommand: RepositoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "packs",
        abstract: "Move what damaged packs still hold into new ones, and remove them.",
        discussion: """
            Each pack is first saved as 'pack-ID' in the folder that this runs in, for whoever knows more. 'martlet repo check
            --read-data' names the damaged ones. Run 'repair snapshots' afterwards if something was lost.

            Examples:
              martlet repo repair packs c4f04f06 --dry-run
              martlet repo repair packs c4f04f06 cc8267ff --yes
            """
    )

    @Argument(help: ArgumentHelp("Damaged packs, by the beginnings of their ids.", valueName: "pack"))
    var names: [String]

    @Flag(name: [.customShort("n"), .long], help: "Print what could be saved, and do nothing.")
    var dryRun = false

    @Flag(name: [.customShort("y"), .long], help: "Do not ask.")
    var yes = false

    @OptionGroup(title: "Repository") var access: RepositoryOptions

    func validate() throws {
        if names.isEmpty {
            throw ValidationError("which packs? 'martlet repo check --read-data' names the damaged ones")
        }
    }

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let repository = try await access.open(context, rehearsing: dryRun)
        var ids: [ResticID] = []
        for name in names {
            let id = try await repository.resolve(name, .pack)
            if !ids.contains(id) { ids.append(id) }
        }
        if !dryRun {
            try Confirmation.obtain(
                "\(counted(ids.count, "pack")) will be removed, what can be read of them saved in new ones.",
                saidYes: yes,
                console: context.console)
        }
        let packs = ids
        let repair = try await access.locked(repository, dryRun ? nil : .exclusive) {
            try await repository.repairPacks(packs) { id, bytes in
                if !dryRun { try keepCopy(id, bytes) }
            }
        }
        show(repair, context.console)
        return .done
    }

    private func keepCopy(_ id: ResticID, _ bytes: ByteBuffer) throws {
        let file = try OutputFile(path: "pack-\(id)", replaces: true)
        do {
            try file.write(bytes.readableBytesView)
            try file.commit()
        } catch {
            file.discard()
            throw error
        }
    }

    private func show(_ repair: PackRepair, _ console: Console) {
        if access.json { return console.line(json(repair).text) }
        for blob in repair.lostBlobs { console.line("lost: the \(blob.kind) blob \(blob.id)") }
        for id in repair.removedPacks { console.line("\(dryRun ? "would remove" : "removed") the pack \(id)") }
        console.line(
            "\(dryRun ? "would save" : "saved") \(counted(repair.savedBlobs.count, "blob")), "
                + "\(grouped(repair.lostBlobs.count)) lost")
        guard !repair.lostBlobs.isEmpty, !dryRun else { return }
        console.note("Back up again what is still there, then run 'martlet repo repair snapshots --forget'.")
    }

    private func json(_ repair: PackRepair) -> JSONLine {
        var line = JSONLine()
        line.add("message_type", "summary")
        line.add("removed_packs", ids: repair.removedPacks)
        line.add("saved_blobs", Int64(repair.savedBlobs.count))
        line.add("lost_blobs", ids: repair.lostBlobs.map(\.id))
        if dryRun { line.add("dry_run", true) }
        return line
    }
}
