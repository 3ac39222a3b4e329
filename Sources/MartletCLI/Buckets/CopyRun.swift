import Basics
import KubernetesModel
import ObjectStorage
import Synchronization

/// What copies get beside what their sources have.
struct CopyOptions: Sendable {
    var metadata: [String: String] = [:]
    /// Instead of the source's; nil keeps those.
    var tags: [String: String]?
    var storageClass: String?
}

/// One object that was copied, or would be.
struct CopiedObject: Sendable {
    let source: String
    let target: String
    let size: Int64

    var line: String {
        PlainText.printable("`\(source)` -> `\(target)`", keepingLines: false)
    }

    var json: JSONValue {
        ["status": "success", "source": .string(source), "target": .string(target), "size": .number(JSONNumber(size))]
    }
}

/// Copies objects side by side, and keeps count.
final class CopyRun: Sendable {
    private struct State {
        var copied = 0
        var bytes: Int64 = 0
        var failed = 0
    }

    /// So many entries of a listing are handed out at once.
    private static let batch = 1000

    private let options: CopyOptions
    private let workers: Int
    private let isDryRun: Bool
    private let context: CommandContext
    private let tell: @Sendable (CopiedObject) -> Void
    private let reporter: ProgressReporter
    private let state = Mutex(State())

    init(
        options: CopyOptions, workers: Int, isDryRun: Bool, context: CommandContext,
        tell: @escaping @Sendable (CopiedObject) -> Void
    ) {
        self.options = options
        self.workers = workers
        self.isDryRun = isDryRun
        self.context = context
        self.tell = tell
        reporter = ProgressReporter(
            ProgressMeter(verb: "copying", unit: "objects"), console: context.console, clock: context.clock)
    }

    /// - Throws: if a single object cannot be copied, or a listing fails. Failures of one among many are counted and said.
    func copy(_ selection: CopySelection, to target: CopyTarget, _ targetText: String) async throws {
        guard !selection.isSingle else { return try await copySingle(selection, to: target) }
        var batch: [ListedEntry] = []
        var found = 0
        try await selection.listing.forEach { entry in
            guard selection.takes(entry), entry.kind == .object else { return }
            found += 1
            batch.append(entry)
            guard batch.count == CopyRun.batch else { return }
            try await copy(batch, selection, target)
            batch = []
        }
        try await copy(batch, selection, target)
        if found == 0 {
            throw CommandError(
                .notFound, "there is nothing to copy at '\(selection.source.name(of: selection.source.key))'")
        }
    }

    private func copySingle(_ selection: CopySelection, to target: CopyTarget) async throws {
        let source = selection.source
        guard let key = ObjectKey(selection.singleKey) else {
            throw CommandError.usage("'\(selection.singleKey)' is no key")
        }
        var versionID = selection.versionID
        if case .at = selection.view {
            var found: ListedEntry?
            try await selection.listing.forEach { if $0.key.utf8.elementsEqual(key.text.utf8) { found = $0 } }
            guard let found else { throw CommandError(.notFound, "there was no object '\(key)' at that time") }
            versionID = found.versionID
        }
        try await copy(key, versionID, of: source, to: target, as: selection.name(of: key.text), isSingle: true)
    }

    private func copy(_ entries: [ListedEntry], _ selection: CopySelection, _ target: CopyTarget) async throws {
        try await forEachConcurrently(entries, limit: workers) { entry in
            do {
                guard let key = ObjectKey(entry.key) else { return }
                try await self.copy(
                    key, entry.versionID, of: selection.source, to: target, as: selection.name(of: entry.key),
                    isSingle: false)
            } catch {
                try Task.checkCancellation()
                self.state.withLock { $0.failed += 1 }
                self.context.console.note(
                    "not copied: \(PlainText.printable(selection.source.name(of: entry.key), keepingLines: false)): "
                        + ErrorChain.line(error))
            }
        }
    }

    private func copy(
        _ key: ObjectKey, _ versionID: String?, of source: LocatedPlace, to target: CopyTarget, as name: String,
        isSingle: Bool
    ) async throws {
        let text = target.key(for: name, isSingle: isSingle)
        guard let targetKey = ObjectKey(text) else { throw CommandError.usage("'\(text)' cannot be a key") }
        let shown = LocatedPlace(place: target.place, store: target.store, key: target.isExact ? target.key : "")
        let size: Int64
        if isDryRun {
            size = try await source.store.get(key, options: GetOptions(versionID: versionID)).info.size
        } else {
            size = try await ObjectCopy(source: source.store, target: target.store, options: options)
                .run(key, versionID: versionID, to: targetKey)
        }
        let (count, bytes) = state.withLock { state in
            state.copied += 1
            state.bytes += size
            return (state.copied, state.bytes)
        }
        reporter.update(done: count, total: nil, bytes: ByteCount(bytes))
        tell(CopiedObject(source: source.name(of: key.text), target: shown.name(of: text), size: size))
    }

    /// Says how it went.
    func finish() -> ExitStatus {
        let took = reporter.finish()
        let end = state.withLock { $0 }
        let what = "\(counted(end.copied, "object")), \(ByteCount(end.bytes))"
        if isDryRun {
            context.console.note("Dry run: \(what) would be copied; nothing was.")
        } else {
            context.console.note(
                "\(what) copied in \(HumanTime.elapsed(took))"
                    + (end.failed == 0 ? "" : "; \(counted(end.failed, "object")) not copied"))
        }
        return end.failed == 0 ? .done : .partlyFailed
    }
}
