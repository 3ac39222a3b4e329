import Basics
import ResticFormat
import ResticRepository

/// Runs a prune, or plans one, and says what came of it.
struct PruneText: Sendable {
    let isDryRun: Bool
    let isJSON: Bool
    let console: Console

    func run(
        _ repository: Repository, _ options: PruneOptions, ignoring: Set<ResticID>, _ progress: RepositoryProgressLine
    ) async throws {
        if isDryRun {
            let plan = try await repository.planPrune(options, ignoring: ignoring, report: progress.show)
            progress.finish()
            return show(plan.counts)
        }
        let outcome = try await repository.prune(options, report: progress.show)
        progress.finish()
        for (id, error) in outcome.leftPacks.sorted(by: { $0.key < $1.key }) {
            console.note("warning: the pack \(id.shortDescription) is still there: \(ErrorChain.line(error))")
        }
        show(outcome.plan.counts)
    }

    private func show(_ counts: PruneCounts) {
        if isJSON { return console.line(json(counts).text) }
        let would = isDryRun ? "would " : ""
        console.line(
            "in use: \(counts.blobs.used) blobs, \(ByteCount(counts.bytes.used)); "
                + "unused: \(counts.blobs.unused + counts.blobs.duplicate) blobs, "
                + "\(ByteCount(counts.bytes.unused + counts.bytes.duplicate + counts.bytes.unreferenced))")
        console.line(
            "\(would)repack \(counts.packFiles.repack) packs, \(would)remove \(counts.packFiles.removeTotal); "
                + "\(isDryRun ? "would free" : "freed") \(ByteCount(counts.bytes.removeTotal))")
        console.line(
            "left: \(ByteCount(counts.bytes.remaining)), of it \(ByteCount(counts.bytes.remainingUnused)) unused")
    }

    /// restic's object.
    private func json(_ counts: PruneCounts) -> JSONLine {
        var line = JSONLine()
        line.add("message_type", "summary")
        let (blobs, bytes, packs) = (counts.blobs, counts.bytes, counts.packFiles)
        line.add(
            "blobs",
            json: object([
                ("used", blobs.used), ("duplicate", blobs.duplicate), ("unused", blobs.unused), ("total", blobs.total),
                ("repack", blobs.repack), ("repack_remove", blobs.repackRemove), ("remove", blobs.remove),
                ("remove_total", blobs.removeTotal), ("remaining", blobs.remaining),
            ]))
        line.add(
            "bytes",
            json: object([
                ("used", Int(bytes.used)), ("duplicate", Int(bytes.duplicate)), ("unused", Int(bytes.unused)),
                ("unreferenced", Int(bytes.unreferenced)), ("uncompressed", Int(bytes.uncompressed)),
                ("total", Int(bytes.total)), ("repack", Int(bytes.repack)), ("repack_remove", Int(bytes.repackRemove)),
                ("remove", Int(bytes.remove)), ("remove_total", Int(bytes.removeTotal)),
                ("remaining", Int(bytes.remaining)), ("remaining_unused", Int(bytes.remainingUnused)),
            ]))
        line.add(
            "packfiles",
            json: object([
                ("used", packs.used), ("unused", packs.unused), ("partly_used", packs.partlyUsed),
                ("unreferenced", packs.unreferenced), ("total", packs.total), ("keep", packs.keep),
                ("repack", packs.repack), ("remove", packs.remove), ("remove_total", packs.removeTotal),
            ]))
        return line
    }

    private func object(_ members: [(String, Int)]) -> String {
        var line = JSONLine()
        for (name, number) in members { line.add(name, Int64(number)) }
        return line.text
    }
}
