import Basics
import BucketMirror
import KubernetesModel
import ObjectStorage
import Synchronization

/// Prints what a mirror does, as it does it.
final class MirrorConsole: MirrorObserver {
    /// What is printed of single objects.
    enum Detail: Sendable {
        case lines
        case json
        /// Only failures, the end, and what somebody should look at.
        case summary
    }

    private struct State {
        var copied = ListTotal()
        var failed = 0
        var reporter: ProgressReporter?
    }

    private let console: Console
    private let detail: Detail
    private let source: String
    private let target: String
    private let namesKept: Bool
    private let reporter: ProgressReporter
    private let state = Mutex(State())

    /// - Parameter namesKept: prints what is kept although it differs; a mirror that never deletes may keep millions.
    init(
        console: Console, detail: Detail, source: String, target: String, clock: any Clock<Duration>,
        namesKept: Bool = false
    ) {
        self.console = console
        self.namesKept = namesKept
        self.detail = detail
        self.source = MirrorConsole.joinable(source)
        self.target = MirrorConsole.joinable(target)
        reporter = ProgressReporter(ProgressMeter(verb: "copying", unit: "objects"), console: console, clock: clock)
    }

    private static func joinable(_ name: String) -> String { name.hasSuffix("/") ? name : name + "/" }

    func observe(_ event: MirrorEvent) {
        switch event {
        case .copied(let info, _, let reason): copied(info, reason)
        case .wouldCopy(let info, let reason): copied(info, reason)
        case .removed(let key), .wouldRemove(let key): removed(key)
        case .kept(let key): if namesKept { kept(key) }
        case .failed(let failure): failed(failure)
        case .held(let count, let known): warn(MirrorReportText.holding(count: count, known: known), "held")
        case .paused(let error): warn("\(source): paused, and tried again: \(ErrorChain.line(error))", "paused")
        case .resumed: warn("\(source): goes on", "resumed")
        case .gap(let gap):
            if gap != .start, gap != .none { warn("\(source): scanning: events \(gap.rawValue)", "gap") }
        case .lease(.waiting(let holder)): warn("\(source): \(holder) mirrors to \(target); waiting", "waiting")
        case .lease(.held(let isGuarded)):
            guard !isGuarded else { break }
            warn(
                "\(target): this store obeys no conditional writes; nothing but the lease keeps two mirrors that start at "
                    + "the same moment apart", "unguarded")
        case .scanned(let report): scanned(report)
        }
    }

    private func copied(_ info: ObjectInfo, _ reason: Difference.Reason) {
        let total = state.withLock { state in
            state.copied.count += 1
            state.copied.bytes += info.size
            return state.copied
        }
        switch detail {
        case .summary: break
        case .lines: console.line(MirrorReportText.line(source: source + info.key.text, target: target + info.key.text))
        case .json:
            console.jsonLine(
                MirrorReportText.json(
                    source: source + info.key.text, target: target + info.key.text, info: info, counts: total,
                    reason: reason))
        }
        reporter.update(done: total.count, total: nil, bytes: ByteCount(total.bytes))
    }

    private func kept(_ key: ObjectKey) {
        switch detail {
        case .summary: break
        case .lines: console.line(PlainText.printable("kept `\(target)\(key)`", keepingLines: false))
        case .json: console.jsonLine(["status": "warning", "type": "kept", "target": .string(target + key.text)])
        }
    }

    private func removed(_ key: ObjectKey) {
        switch detail {
        case .summary: break
        case .lines: console.line(PlainText.printable("Removed `\(target)\(key)`", keepingLines: false))
        case .json: console.jsonLine(["status": "success", "type": "removed", "target": .string(target + key.text)])
        }
    }

    /// The first hundred are printed as they come; the report has more.
    private func failed(_ failure: MirrorFailure) {
        let number = state.withLock { state in
            state.failed += 1
            return state.failed
        }
        guard number <= 100 else { return }
        if detail == .json { console.jsonLine(MirrorReportText.json(failure)) }
        console.note(MirrorReportText.failure(failure))
    }

    private func warn(_ text: String, _ type: String) {
        if detail == .json { console.jsonLine(["status": "warning", "type": .string(type), "message": .string(text)]) }
        console.note(text)
    }

    private func scanned(_ report: MirrorReport) {
        if detail == .json {
            console.jsonLine(MirrorReportText.summary(report))
        } else if report.counts.copied + report.counts.removed + report.counts.failed > 0 {
            console.note("\(source): scanned: " + MirrorReportText.sentence(report, isDryRun: false))
        }
    }

    /// Says how a run ended.
    func finish(_ report: MirrorReport, isDryRun: Bool) {
        reporter.finish()
        if detail == .json {
            console.jsonLine(MirrorReportText.summary(report))
        } else {
            console.note(MirrorReportText.sentence(report, isDryRun: isDryRun))
        }
    }
}
