import Basics
import ObjectStorage
import Synchronization

/// Compares everything once and acts on the differences, while the comparison goes on.
///
/// Memory: two pages of each side, what the copier's budget allows, and the keys that are gone at the source.
struct MirrorScan {
    let works: MirrorWorks
    /// The target's side of the comparison is what the index remembers.
    let isAgainstIndex: Bool
    /// Decides on each difference instead of copying at once: a service queues keys. Nil copies.
    var divert: (@Sendable (Difference, Difference.Reason) async -> Void)?

    /// What is gone at the source, at most so many in one scan; the next finds the rest.
    static let mostGone = 1_000_000

    struct Outcome {
        /// Keys of the source, after selection.
        var seen = 0
        var gone: [ObjectKey] = []
        /// More are gone than `gone` holds.
        var hasMore = false
        var failure: MirrorError?
    }

    /// - Returns: with `failure` if it did not come to the end: then `gone` means nothing.
    func run() async -> Outcome {
        var outcome = await attempt(sorting: [])
        // A store that sorts in another way is sorted here.
        var sorting: Set<ListingMerge.Side> = []
        while let disorder = outcome.failure?.cause as? ListingMerge.Disorder, !sorting.contains(disorder.side) {
            sorting.insert(disorder.side)
            outcome = await attempt(sorting: sorting)
        }
        return outcome
    }

    private func attempt(sorting: Set<ListingMerge.Side>) async -> Outcome {
        await withTaskGroup(of: WorkerResult.self) { group in
            var crew = ScanCrew(works: works)
            var outcome = Outcome()
            do throws(MirrorError) {
                var pages = try await ScanPages(works: works, isAgainstIndex: isAgainstIndex, sorting: sorting)
                defer { pages.cancel() }
                var merge = ListingMerge(isAgainstIndex: isAgainstIndex)
                scan: while true {
                    switch merge.next() {
                    case .finished: break scan
                    case .needs(let side):
                        if let stop = works.tally.stop ?? crew.failure { throw stop }
                        if Task.isCancelled { throw MirrorError(.cancelled, "the mirror was cancelled") }
                        merge.comparison.tagsAreDigests = works.copier.tagsAreDigests
                        let page = try await pages.next(side)
                        do throws(ListingMerge.Disorder) {
                            try merge.feed(side, page.objects, isLast: page.isLast)
                        } catch {
                            throw MirrorError(.listing, "the listing is not sorted at '\(error.key)'", cause: error)
                        }
                    case .difference(let difference):
                        guard let job = try await decide(difference, &outcome) else { continue }
                        while crew.isFull, let result = await group.next() { crew.ended(result) }
                        crew.began()
                        group.addTask { await job.run() }
                    }
                }
            } catch {
                outcome.failure = error
                if error.code == .cancelled { group.cancelAll() }
            }
            while let result = await group.next() { crew.ended(result) }
            if outcome.failure == nil { outcome.failure = works.tally.stop ?? crew.failure }
            // Copies that were given up are no failures of objects: the whole run did not come to its end.
            if outcome.failure == nil, Task.isCancelled {
                outcome.failure = MirrorError(.cancelled, "the mirror was cancelled")
            }
            return outcome
        }
    }

    /// What is to be done about a difference; nil if nothing, or if it is done.
    private func decide(
        _ difference: Difference, _ outcome: inout Outcome
    ) async throws(MirrorError) -> ScanJob? {
        switch difference {
        case .extra(let info):
            guard works.options.selection.takes(info.key) else { return nil }
            if outcome.gone.count < MirrorScan.mostGone {
                outcome.gone.append(info.key)
            } else {
                outcome.hasMore = true
            }
            return nil
        case .equal(let source, let target):
            guard works.options.selection.takes(source) else { return nil }
            outcome.seen += 1
            works.tally.count { counts in
                counts.compared += 1
                counts.equal += 1
            }
            if !isAgainstIndex, works.index != nil, !works.options.isDryRun {
                do throws(MirrorWorksFailure) {
                    try await works.adopt(source: source, target: target)
                } catch {
                    if case .all(let error) = error { throw error }
                }
            }
            return nil
        case .missing(let source):
            return job(source, difference, .missing, &outcome)
        case .changed(let source, _, let reason):
            return job(source, difference, reason, &outcome)
        case .uncertain(let source, _):
            return job(source, difference, .content, &outcome)
        }
    }

    private func job(
        _ source: ObjectInfo, _ difference: Difference, _ reason: Difference.Reason, _ outcome: inout Outcome
    ) -> ScanJob? {
        guard works.options.selection.takes(source) else { return nil }
        outcome.seen += 1
        works.tally.count { $0.compared += 1 }
        return ScanJob(works: works, difference: difference, reason: reason, divert: divert)
    }
}

/// How a job of the scan ended.
enum WorkerResult: Sendable {
    case done
    case slowedDown
    case failed(MirrorError)
}

/// How many jobs are under way, and how many may be.
struct ScanCrew {
    private var governor: WorkerGovernor
    private(set) var running = 0
    private(set) var failure: MirrorError?

    init(works: MirrorWorks) { governor = WorkerGovernor(ceiling: works.options.workers) }

    var limit: Int { governor.limit }
    var isFull: Bool { running >= governor.limit }

    mutating func began() { running += 1 }

    mutating func ended(_ result: WorkerResult) {
        running -= 1
        switch result {
        case .done: governor.succeeded()
        case .slowedDown: governor.slowedDown()
        case .failed(let error): failure = failure ?? error
        }
    }
}
