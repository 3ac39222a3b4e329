import Basics
import ObjectStorage

/// One look at one key: whatever the source has now, the target has afterwards.
struct ReconcileJob: Sendable {
    let works: MirrorWorks
    let state: PairState
    let mark: ClaimTable.Mark
    let tries: Int

    /// So many failures of its own quarantine a key.
    private static let patience = 5

    func run() async -> WorkerResult {
        var result = WorkerResult.done
        do throws(MirrorWorksFailure) {
            try await look()
            state.succeeded()
            state.finish(mark.key, .done)
        } catch {
            switch error {
            case .all(let error):
                state.finish(mark.key, .again(at: state.now + .seconds(1)))
                if error.code == .history || error.code == .index { return .failed(error) }
                state.failed(error, concernsAll: true)
            case .object(let failure): result = failed(failure)
            }
        }
        return result
    }

    private func look() async throws(MirrorWorksFailure) {
        let known: IndexEntry?
        do throws(MirrorError) {
            known = try works.recorder.entry(mark.key)
        } catch {
            throw .all(error)
        }
        if mark.reason == .annotations, let known, known.tag != nil {
            if try await works.annotate(mark.key, known) { return }
        }
        // What the index knows saves a copy only for an event. A scan has seen that the target differs; and after a failed
        // try nobody knows what the target has.
        let trusted = mark.expected == nil && tries == 0 ? known : nil
        switch try await works.copy(mark.key, expected: mark.expected, mark.reason, known: trusted) {
        case .copied(let copy): works.tally.copied(copy, mark.reason)
        case .unchanged: works.tally.count { $0.equal += 1 }
        case .vanished: try await vanished(known)
        }
    }

    /// The source says that the key is gone.
    private func vanished(_ known: IndexEntry?) async throws(MirrorWorksFailure) {
        works.tally.count { $0.vanished += 1 }
        if known == nil {
            // Never copied, or copied without an answer: only the target knows.
            guard try await isAtTarget() else { return }
        }
        guard state.mayDelete() else { return }
        let failure: CopyFailure?
        do throws(MirrorError) {
            // This job has the claim. One key is no mass; the scan's brake sees the many.
            failure = try await MirrorDeletes(works: works).apply([mark.key])[mark.key]
        } catch {
            throw .all(error)
        }
        if let failure { throw .object(failure) }
    }

    private func isAtTarget() async throws(MirrorWorksFailure) -> Bool {
        do throws(StoreError) {
            return try await works.target.contains(mark.key)
        } catch {
            throw .object(CopyFailure(.compare, .target, error))
        }
    }

    private func failed(_ failure: CopyFailure) -> WorkerResult {
        let error = failure.error
        if error.code == .cancelled {
            state.finish(mark.key, .again(at: state.now))
            return .done
        }
        state.change { $0.errors["\(error.code.rawValue)/\(failure.side.rawValue)", default: 0] += 1 }
        works.tally.failed(mark.key, failure)
        let isCommon = error.isTemporary || failure.concernsAll
        if isCommon {
            let cause = MirrorError(error, failure.side, while: "copying '\(mark.key)'")
            state.failed(cause, concernsAll: failure.concernsAll)
        }
        if !isCommon, !failure.asksForRestart, tries + 1 >= ReconcileJob.patience {
            state.finish(mark.key, .quarantined(until: state.now + .seconds(3600)))
        } else {
            state.finish(mark.key, .again(at: state.now + .milliseconds(200 * (1 << min(tries, 7)))))
        }
        return error.code == .throttled ? .slowedDown : .done
    }
}
