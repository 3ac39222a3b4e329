import ArgumentParser
import Basics
import ResticFormat
import ResticRepository

struct RepoDiffCommand: RepositoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare two snapshots.",
        discussion: """
            What changed from the first to the second: + added, - removed, M content, T kind of entry, U owner, mode, times or
            attributes (with --metadata). M? is a file whose content alone differs: a disk may have changed it.

            Examples:
              martlet repo diff 574d2b23 latest
              martlet repo diff 574d2b23:var/lib latest:var/lib --metadata
              martlet repo diff 574d2b23 9a1f0c2e --json
            """
    )

    @Argument(help: ArgumentHelp("The beginning of an id, or 'latest'; ID:FOLDER for a part.", valueName: "snapshot"))
    var before: String

    @Argument(help: ArgumentHelp("What to compare it with.", valueName: "other"))
    var after: String

    @Flag(help: "Tell changes of owner, mode, times and attributes too.")
    var metadata = false

    @OptionGroup var reading: ReadingOptions
    @OptionGroup(title: "Repository") var access: RepositoryOptions

    func perform(in context: CommandContext) async throws -> ExitStatus {
        let repository = try await access.open(context)
        let console = context.console
        try await access.locked(repository, reading.noLock ? nil : .shared) {
            let places = [SnapshotPlace(before), SnapshotPlace(after)]
            // Snapshots before the index: then the index has what they need.
            for place in places { _ = try await repository.snapshot(named: place.name) }
            let indexed = try await repository.loadIndex()
            let (left, leftTree) = try await places[0].find(in: indexed)
            let (right, rightTree) = try await places[1].find(in: indexed)
            let text = DifferenceText(isJSON: access.json, console: console)
            text.begin(left.id, right.id)
            let difference = try await TreeComparison(indexed, reportsMetadata: metadata)
                .compare(leftTree, rightTree, visit: text.show)
            text.end(left.id, right.id, difference)
        }
        return .done
    }
}

/// Differences of two snapshots, as restic prints them.
private struct DifferenceText: Sendable {
    let isJSON: Bool
    let console: Console

    func begin(_ before: ResticID, _ after: ResticID) {
        guard !isJSON else { return }
        console.line("comparing snapshot \(before.shortDescription) to \(after.shortDescription):\n")
    }

    @Sendable func show(_ path: String, _ change: TreeChange) {
        guard isJSON else {
            let sign = change.rawValue + String(repeating: " ", count: 5 - change.rawValue.count)
            return console.line(PlainText.printable(sign + path, keepingLines: false))
        }
        var line = JSONLine()
        line.add("message_type", "change")
        line.add("path", path)
        line.add("modifier", change.rawValue)
        console.line(line.text)
    }

    func end(_ before: ResticID, _ after: ResticID, _ difference: TreeDifference) {
        if isJSON { return console.line(json(before, after, difference).text) }
        let (added, removed) = (difference.added, difference.removed)
        console.line("")
        console.line(
            "Files:       \(padded(added.files)) new, \(padded(removed.files)) removed, "
                + "\(padded(difference.changedFiles)) changed")
        console.line("Dirs:        \(padded(added.directories)) new, \(padded(removed.directories)) removed")
        console.line("Others:      \(padded(added.others)) new, \(padded(removed.others)) removed")
        console.line("Data Blobs:  \(padded(added.dataBlobs)) new, \(padded(removed.dataBlobs)) removed")
        console.line("Tree Blobs:  \(padded(added.treeBlobs)) new, \(padded(removed.treeBlobs)) removed")
        console.line("  Added:   \(padded(ResticSize.text(added.bytes)))")
        console.line("  Removed: \(padded(ResticSize.text(removed.bytes)))")
    }

    private func padded(_ number: Int) -> String {
        String(repeating: " ", count: max(0, 5 - String(number).count)) + String(number)
    }

    private func padded(_ size: String) -> String { size + String(repeating: " ", count: max(0, 5 - size.count)) }

    private func json(_ before: ResticID, _ after: ResticID, _ difference: TreeDifference) -> JSONLine {
        var line = JSONLine()
        line.add("message_type", "statistics")
        line.add("source_snapshot", before.shortDescription)
        line.add("target_snapshot", after.shortDescription)
        line.add("changed_files", Int64(difference.changedFiles))
        line.add("added", json: counts(difference.added).text)
        line.add("removed", json: counts(difference.removed).text)
        return line
    }

    private func counts(_ counts: TreeDifferenceCounts) -> JSONLine {
        var line = JSONLine()
        line.add("files", Int64(counts.files))
        line.add("dirs", Int64(counts.directories))
        line.add("others", Int64(counts.others))
        line.add("data_blobs", Int64(counts.dataBlobs))
        line.add("tree_blobs", Int64(counts.treeBlobs))
        line.add("bytes", counts.bytes)
        return line
    }
}
