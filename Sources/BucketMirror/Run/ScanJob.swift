import Basics
import ObjectStorage

/// What is done about one difference.
struct ScanJob: Sendable {
    let works: MirrorWorks
    let difference: Difference
    let reason: Difference.Reason
    let divert: (@Sendable (Difference, Difference.Reason) async -> Void)?

    func run() async -> WorkerResult {
        guard !Task.isCancelled, works.tally.stop == nil else { return .done }
        do throws(MirrorWorksFailure) {
            try await act()
            return .done
        } catch {
            switch error {
            case .all(let error): return .failed(error)
            case .object(let failure):
                if failure.error.code == .cancelled, Task.isCancelled { return .done }
                works.tally.failed(difference.key, failure)
                if case .changed(_, let target, _) = difference { await works.noteStale(target) }
                if case .uncertain(_, let target) = difference { await works.noteStale(target) }
                return failure.error.code == .throttled ? .slowedDown : .done
            }
        }
    }

    private func act() async throws(MirrorWorksFailure) {
        let source: ObjectInfo
        switch difference {
        case .missing(let info): source = info
        case .changed(let info, _, _): source = info
        case .uncertain(let info, let target):
            if try await isEqual(info, target) {
                works.tally.count { $0.equal += 1 }
                if !works.options.isDryRun { try await works.adopt(source: info, target: target) }
                return
            }
            source = info
        case .equal, .extra: return
        }
        if isNewerAtTarget {
            works.tally.count { $0.newer += 1 }
            if works.options.keepsNewer { return }
        }
        if let divert { return await divert(difference, reason) }
        works.tally.count { counts in
            counts.planned += 1
            counts.bytesPlanned += source.size
        }
        if reason != .missing, !works.options.overwrites {
            let refusal = StoreError(.preconditionFailed, "'\(source.key)' differs, and overwriting is not allowed")
            throw .object(CopyFailure(.overwrite, refusal))
        }
        if works.options.isDryRun { return works.tally.observer.observe(.wouldCopy(source, reason)) }
        switch try await works.copy(source.key, expected: source, reason) {
        case .copied(let copy): works.tally.copied(copy, reason)
        case .vanished: works.tally.count { $0.vanished += 1 }
        case .unchanged: break
        }
    }

    /// Whether what would be overwritten was written later than what would overwrite it, by each side's own clock.
    /// What the index remembers has no time, and is the mirror's own copy.
    private var isNewerAtTarget: Bool {
        let (source, target): (ObjectInfo, ObjectInfo)
        switch difference {
        case .changed(let left, let right, _): (source, target) = (left, right)
        case .uncertain(let left, let right): (source, target) = (left, right)
        default: return false
        }
        guard let one = source.lastModified, let other = target.lastModified else { return false }
        return other > one
    }

    /// The tags do not tell: the index may, or the copy itself.
    private func isEqual(_ source: ObjectInfo, _ target: ObjectInfo) async throws(MirrorWorksFailure) -> Bool {
        if works.index != nil {
            do throws(MirrorError) {
                if let known = try works.recorder.entry(source.key), known.tag == source.etag, known.size == source.size
                {
                    if known.targetTag == target.etag { return true }
                }
            } catch {
                throw .all(error)
            }
        }
        guard let tag = source.etag else { return false }
        do throws(StoreError) {
            let copy = try await works.target.head(source.key)
            return copy.etag == target.etag && copy.size == source.size && copy.metadata[MirrorLayout.tagStamp] == tag
        } catch {
            if error.code == .notFound { return false }
            throw .object(CopyFailure(.compare, .target, error))
        }
    }
}
