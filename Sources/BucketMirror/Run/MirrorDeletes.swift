import Basics
import ObjectStorage

/// What happens at the target to keys that are gone at the source. Nothing that the source could say by mistake may
/// destroy anything: each key is asked for once more, and the bucket itself.
struct MirrorDeletes {
    let works: MirrorWorks
    /// In a service, workers may be at the same keys: whoever deletes has their claims.
    var claims: PairState?

    /// - Parameters:
    ///   - known: keys that the scan saw at the source.
    ///   - wereCopied: the keys were copies of the mirror's: their end belongs into the history.
    func run(_ gone: [ObjectKey], known: Int, wereCopied: Bool) async throws(MirrorError) {
        guard !gone.isEmpty else { return }
        let removes = works.options.deletes == .propagate
        if removes, let brake = works.options.brake, brake.holds(candidates: gone.count, known: known + gone.count) {
            works.tally.count { $0.held = gone.count }
            works.tally.observer.observe(.held(count: gone.count, known: known + gone.count))
            return
        }
        works.tally.count { $0.held = 0 }
        if works.options.isDryRun {
            if removes { for key in gone { works.tally.observer.observe(.wouldRemove(key)) } }
            return
        }
        var gone = gone
        if !removes, !wereCopied {
            // Only the end of what was copied is news.
            let all = gone.count
            gone = try copied(among: gone)
            works.tally.count { $0.kept += all - gone.count }
        }
        for start in stride(from: 0, to: gone.count, by: 1000) {
            let batch = Array(gone[start..<min(start + 1000, gone.count)])
            let mine = claims.map { $0.claimAll(batch) } ?? batch
            do throws(MirrorError) {
                let failures = try await apply(mine)
                for (key, failure) in failures { works.tally.failed(key, failure) }
                for key in mine { finish(key, hasFailed: failures[key] != nil) }
            } catch {
                for key in mine { finish(key, hasFailed: true) }
                throw error
            }
        }
    }

    /// What failed is looked at again by a worker.
    private func finish(_ key: ObjectKey, hasFailed: Bool) {
        guard let claims else { return }
        claims.finish(key, hasFailed ? .again(at: claims.now + .seconds(1)) : .done)
    }

    private func copied(among keys: [ObjectKey]) throws(MirrorError) -> [ObjectKey] {
        var known: [ObjectKey] = []
        for key in keys {
            if try works.recorder.entry(key) != nil { known.append(key) }
        }
        return known
    }

    /// Deletes, or notes as gone, those that are still gone. Nobody else may be at work on them.
    ///
    /// - Returns: those that could not be deleted.
    func apply(_ keys: [ObjectKey]) async throws(MirrorError) -> [ObjectKey: CopyFailure] {
        guard !keys.isEmpty else { return [:] }
        try await checkBucket()
        let confirmed = try await confirm(keys)
        try await checkBucket()
        if works.options.deletes == .propagate { return try await remove(confirmed) }
        try await keep(confirmed)
        return [:]
    }

    /// The source's bucket is there and answers.
    private func checkBucket() async throws(MirrorError) {
        do throws(StoreError) {
            if works.source.features.offers(.bucketIdentity) {
                let identity = try await works.source.features.bucket()
                try checkIdentity(identity)
            } else {
                _ = try await works.source.list(ListRequest(pageSize: 1))
            }
        } catch {
            throw MirrorError(error, .source, while: "looking whether the source's bucket is still there")
        }
    }

    private func checkIdentity(_ identity: BucketIdentity) throws(StoreError) {
        guard let index = works.index, let text = identity.text else { return }
        do throws(MirrorError) {
            let known = try index.value(of: .bucket)
            if known == nil { return try index.set(.bucket, to: text) }
            guard known == text else {
                throw MirrorError(
                    .refused, "the source's bucket is another one than before: \(text), not \(known ?? "")")
            }
        } catch {
            throw StoreError(.notFound, error.message, cause: error)
        }
    }

    /// Those that a fresh answer of the source says are gone.
    private func confirm(_ keys: [ObjectKey]) async throws(MirrorError) -> [ObjectKey] {
        do {
            let gone = try await mapConcurrently(keys, limit: works.options.workers) { [works] key in
                try await works.source.contains(key) ? nil : key
            }
            return gone.compactMap { $0 }
        } catch {
            throw MirrorError(
                StoreError(error, while: "asking the source"), .source, while: "confirming what is gone at the source")
        }
    }

    private func keep(_ keys: [ObjectKey]) async throws(MirrorError) {
        let now = works.tools.wallClock.now()
        for key in keys {
            try await works.recorder.note(.gone(key), [HistoryEntry(key: key, .gone, at: now)])
            works.tally.observer.observe(.kept(key))
        }
        works.tally.count { $0.kept += keys.count }
    }

    private func remove(_ keys: [ObjectKey]) async throws(MirrorError) -> [ObjectKey: CopyFailure] {
        let preserved: [(ObjectKey, Result<HistoryEntry?, CopyFailure>)]
        do {
            preserved = try await mapConcurrently(keys, limit: works.options.workers) { [works] key in
                (key, try await MirrorDeletes.preserve(key, works))
            }
        } catch {
            throw (error as? MirrorError) ?? MirrorError(.cancelled, "deleting was cancelled", cause: error)
        }
        var failures: [ObjectKey: CopyFailure] = [:]
        var going: [ObjectKey] = []
        for (key, result) in preserved {
            switch result {
            case .success(let moved):
                going.append(key)
                // If the mirror is killed before this is written, the moved object is found by its name.
                if let moved { try await works.recorder.note(nil, [moved]) }
            case .failure(let failure): failures[key] = failure
            }
        }
        try await delete(going, &failures)
        return failures
    }

    private static func preserve(
        _ key: ObjectKey, _ works: MirrorWorks
    ) async throws(MirrorError) -> Result<HistoryEntry?, CopyFailure> {
        do throws(MirrorWorksFailure) {
            return .success(try await works.preserve(key, isDelete: true))
        } catch {
            switch error {
            case .object(let failure): return .failure(failure)
            case .all(let error): throw error
            }
        }
    }

    private func delete(
        _ keys: [ObjectKey], _ failures: inout [ObjectKey: CopyFailure]
    ) async throws(MirrorError) {
        let refused: [ObjectKey: StoreError]
        do throws(StoreError) {
            refused = try await works.target.delete(keys)
        } catch {
            throw MirrorError(error, .target, while: "deleting \(keys.count) objects")
        }
        let now = works.tools.wallClock.now()
        for key in keys {
            if let error = refused[key] {
                failures[key] = CopyFailure(.remove, .target, error)
                continue
            }
            try await works.recorder.note(.gone(key), [HistoryEntry(key: key, .gone, at: now)])
            works.tally.count { $0.removed += 1 }
            works.tally.observer.observe(.removed(key))
        }
    }
}

extension BucketIdentity {
    /// For comparison with a later answer; nil if the store tells nothing.
    var text: String? {
        let parts = [createdAt?.description, deploymentID].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }
}
