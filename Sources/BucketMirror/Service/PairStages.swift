import Basics
import ObjectStorage
import Synchronization

/// The stages of a pair that work on one set of parts: the pulse, the scans, the workers.
struct PairStages: Sendable {
    let works: MirrorWorks
    let state: PairState
    /// Whether the index was left in order: else the first scan lists the target.
    let isTrusted: Bool
    private let first = FirstScan()

    init(works: MirrorWorks, state: PairState, isTrusted: Bool) {
        self.works = works
        self.state = state
        self.isTrusted = isTrusted
    }

    /// Runs until the task is cancelled or something fails that all need.
    func run() async -> MirrorError? {
        await withTaskGroup(of: MirrorError?.self) { group in
            group.addTask { await self.pulse() }
            group.addTask { await self.scans() }
            group.addTask { await self.dispatch() }
            if works.keepers.known?.lease != nil { group.addTask { await self.works.keepers.untilLost() } }
            let first = await group.next() ?? nil
            group.cancelAll()
            state.work.ring()
            state.scan.ring()
            while let other = await group.next() { if first == nil, other != nil { return other } }
            return first
        }
    }

    /// Wakes whatever time alone makes due, and writes down what was done, at least once a second.
    private func pulse() async -> MirrorError? {
        var beats = 0
        while !Task.isCancelled {
            do {
                try await works.tools.clock.sleep(for: .milliseconds(200))
            } catch {
                return nil
            }
            beats += 1
            state.endSilentStreams()
            state.work.ring()
            if state.isScanDue { state.scan.ring() }
            guard beats % 5 == 0 else { continue }
            if let error = await state.watchdog.guarding({ await self.flush() }) {
                if error.code == .history || error.code == .index { return error }
                state.failed(error, concernsAll: true)
            }
        }
        return nil
    }

    private func flush() async -> MirrorError? {
        do throws(MirrorError) {
            try await works.recorder.flush()
            return nil
        } catch {
            return error
        }
    }

    /// Whether it is time to list the target too, which finds what nobody knows of.
    private func isTargetListingDue() throws(MirrorError) -> Bool {
        let interval = works.options.targetScanInterval
        return try works.index?.isTargetListingDue(after: interval, now: works.tools.wallClock.now()) ?? false
    }

    // MARK: Scans

    private func scans() async -> MirrorError? {
        while !Task.isCancelled {
            if state.isScanDue {
                if let failure = await state.watchdog.guarding({ await self.scanOnce() }) { return failure }
            } else {
                await state.scan.wait()
            }
        }
        return nil
    }

    private func scanOnce() async -> MirrorError? {
        let began = works.tools.wallClock.now()
        let start = state.now
        let countsAsMissed = state.scanBegan()
        let changes = Atomic(0)
        var failure: MirrorError?
        var seen = 0
        var isProof = true
        do throws(MirrorError) {
            // What was done is on record before the index stands for the target.
            try await works.recorder.flush()
            var isAgainstIndex = isTrusted || first.isOver
            if try isTargetListingDue() { isAgainstIndex = false }
            var wasEmpty = false
            if !isAgainstIndex { wasEmpty = try works.index?.page(after: nil, limit: 1).isEmpty ?? false }
            let isByIndex = isAgainstIndex
            let divert: @Sendable (Difference, Difference.Reason) async -> Void = { difference, reason in
                changes.add(1, ordering: .relaxed)
                // The index is a second or so behind what was done.
                if isByIndex, self.isCopied(difference) { return }
                await self.mark(difference, reason, seen: began, countsAsMissed)
            }
            let outcome = await MirrorScan(works: works, isAgainstIndex: isAgainstIndex, divert: divert).run()
            if let failure = outcome.failure { throw failure }
            seen = outcome.seen
            changes.add(outcome.gone.count, ordering: .relaxed)
            let gone = outcome.gone
            try await MirrorDeletes(works: works, claims: state).run(gone, known: seen, wereCopied: isAgainstIndex)
            let held = works.tally.counts.held
            state.change { $0.deletesHeld = held }
            try await works.recorder.flush()
            if !outcome.hasMore {
                try works.index?.setComplete(true)
                first.end()
            }
            if !isAgainstIndex, !outcome.hasMore { try works.index?.setTargetListed(began) }
            // Keys that both sides lost unseen are only known to the index: the next scan asks it.
            isProof = isAgainstIndex || wasEmpty
        } catch {
            failure = error
        }
        state.scanEnded(
            began: isProof ? began : nil, took: state.now - start, seen: seen,
            changes: changes.load(ordering: .relaxed), failed: failure != nil)
        guard let failure else {
            state.succeeded()
            works.tools.observer.observe(.scanned(works.tally.report))
            return nil
        }
        if failure.code == .cancelled { return nil }
        if failure.code == .history || failure.code == .index { return failure }
        state.change { $0.errors["\(failure.code.rawValue)/\(failure.side?.rawValue ?? "mirror")", default: 0] += 1 }
        state.failed(failure, concernsAll: true)
        return nil
    }

    private func mark(
        _ difference: Difference, _ reason: Difference.Reason, seen: Timestamp, _ countsAsMissed: Bool
    ) async {
        let expected: ObjectInfo
        switch difference {
        case .missing(let info), .extra(let info): expected = info
        case .changed(let info, _, _), .uncertain(let info, _), .equal(let info, _): expected = info
        }
        let mark = ClaimTable.Mark(key: difference.key, seen: seen, expected: expected, reason: reason)
        while !state.markFromScan(mark, countsAsMissed: countsAsMissed), !Task.isCancelled {
            // The table is full: the scan waits until the workers have made room.
            Progress.ofTask?.step()
            // Only cancellation ends the pause early, and the loop looks for it.
            try? await works.tools.clock.sleep(for: .milliseconds(100))
        }
    }

    private func isCopied(_ difference: Difference) -> Bool {
        let source: ObjectInfo
        switch difference {
        case .missing(let info): source = info
        case .changed(let info, _, _): source = info
        case .uncertain, .equal, .extra: return false
        }
        // What the index cannot tell is copied again.
        guard works.copier.uncertain == 0, let known = try? works.recorder.entry(source.key) else { return false }
        return known.size == source.size && known.tag == source.etag
    }

    // MARK: Workers

    private func dispatch() async -> MirrorError? {
        await withTaskGroup(of: WorkerResult.self) { group in
            var crew = ScanCrew(works: works)
            let ended = EndedJobs()
            while !Task.isCancelled, crew.failure == nil {
                for result in ended.take() {
                    crew.ended(result)
                    _ = await group.next()
                }
                if let claim = state.claim(running: crew.running, limit: crew.limit) {
                    crew.began()
                    let job = ReconcileJob(works: works, state: state, mark: claim.mark, tries: claim.tries)
                    group.addTask {
                        let result = await state.watchdog.guarding { await job.run() }
                        ended.add(result)
                        state.work.ring()
                        return result
                    }
                } else {
                    await state.work.wait()
                }
            }
            group.cancelAll()
            while await group.next() != nil {}
            return crew.failure
        }
    }
}

/// Whether a scan has come to its end.
private final class FirstScan: Sendable {
    private let over = Atomic(false)

    var isOver: Bool { over.load(ordering: .relaxed) }

    func end() { over.store(true, ordering: .relaxed) }
}

/// How the jobs ended that the dispatcher has not looked at yet.
private final class EndedJobs: Sendable {
    private let results = Mutex<[WorkerResult]>([])

    func add(_ result: WorkerResult) { results.withLock { $0.append(result) } }

    func take() -> [WorkerResult] {
        results.withLock { results in
            defer { results = [] }
            return results
        }
    }
}
