import Basics
package import ObjectStorage
package import ResticFormat

/// What a prune did.
package struct PruneOutcome: Sendable {
    package let plan: PrunePlan
    /// Packs that could not be removed: nobody needs them, and the next prune removes them.
    package var leftPacks: [ResticID: StoreError] = [:]
}

extension Repository {
    /// Finds out what a prune would do. For a dry run; needs no lock then.
    ///
    /// - Parameter ignoring: snapshots that are about to be forgotten.
    /// - Throws: `.damaged` if something that a snapshot needs is missing: nothing may be removed then.
    package func planPrune(
        _ options: PruneOptions = PruneOptions(), ignoring: Set<ResticID> = [], report: ProgressReport = { _ in }
    ) async throws(RepositoryError) -> PrunePlan {
        try await preparePrune(options, ignoring: ignoring, report: report).plan
    }

    /// Removes what no snapshot needs. Needs an exclusive lock.
    ///
    /// Safe to end at any moment: blobs are copied before anything names the copies, the index forgets packs before they go.
    /// What a run that was cut off leaves behind is unused space, which the next run frees.
    /// - Throws: `.damaged` before anything is removed; `.store`, `.cancelled`.
    package func prune(
        _ options: PruneOptions = PruneOptions(), report: @escaping ProgressReport = { _ in }
    ) async throws(RepositoryError) -> PruneOutcome {
        let prepared = try await preparePrune(options, ignoring: [], report: report)
        return try await PruneRun(prepared: prepared, options: options, report: report).run()
    }

    private func preparePrune(
        _ options: PruneOptions, ignoring: Set<ResticID>, report: ProgressReport
    ) async throws(RepositoryError) -> PreparedPrune {
        // Snapshots before the index: then the index has what they need.
        let snapshots = try await snapshots().filter { !ignoring.contains($0.id) }
        let indexed = try await loadIndex()
        report(RepositoryProgress(stage: .findingUsedBlobs, done: 0, total: snapshots.count, bytes: 0))
        let used = try await indexed.usedBlobs(roots: snapshots.map(\.snapshot.tree))
        let survey = UsageSurvey(index: indexed.index, used: used)
        let listed = try await files.list(.pack).map { ListedPack(id: $0.id, size: $0.size) }
        let plan = try PrunePlan(
            usage: survey.packs, listed: listed, options: options, compresses: config.version == .v2)
        return PreparedPrune(indexed: indexed, survey: survey, plan: plan)
    }
}

private struct PreparedPrune: Sendable {
    let indexed: IndexedRepository
    let survey: UsageSurvey
    let plan: PrunePlan
}

/// Carries a plan out, in the order that makes every moment a safe one to end.
private struct PruneRun {
    let prepared: PreparedPrune
    let options: PruneOptions
    let report: ProgressReport

    private var repository: Repository { prepared.indexed.repository }
    private var index: RepositoryIndex { prepared.indexed.index }
    private var plan: PrunePlan { prepared.plan }

    func run() async throws(RepositoryError) -> PruneOutcome {
        var outcome = PruneOutcome(plan: plan)
        outcome.leftPacks = try await repository.files.remove(.pack, plan.unindexed.map(\.id))
        do {
            try await repack()
        } catch {
            throw RepositoryError(error, while: "repacking")
        }
        guard plan.verdicts.contains(where: { $0 != .keep }) else { return outcome }
        try await rewriteIndex()
        let old = packs { $0 == .repack || $0 == .remove }.map { index.packs[$0] }
        report(RepositoryProgress(stage: .removingPacks, done: 0, total: old.count, bytes: 0))
        outcome.leftPacks.merge(try await repository.files.remove(.pack, old)) { first, _ in first }
        return outcome
    }

    private func packs(_ isWanted: (PrunePlan.Verdict) -> Bool) -> [UInt32] {
        (0..<UInt32(plan.verdicts.count)).filter { isWanted(plan.verdicts[Int($0)]) }
    }

    /// Copies what is needed of packs that go into new packs, and index files that name these.
    private func repack() async throws {
        let reads = PackReadPlan.plan(wantedBlobs())
        guard !reads.isEmpty else { return }
        var writing = WriterOptions()
        writing.packBytes = options.targetPackBytes
        let indexed = prepared.indexed
        let report = report
        try await indexed.withBlobWriter(writing) { writer in
            try await forEachConcurrently(reads.enumerated(), limit: 3) { number, read in
                try await writer.waitForRoom()
                let failures = try await indexed.read(read) { place, bytes in
                    _ = try writer.saveAgain(read.blobs[place].handle, bytes)
                }
                if let failure = failures.first {
                    throw RepositoryError(
                        .damaged, "\(failure.handle) is needed and cannot be read; nothing was removed: run check",
                        cause: failure.error)
                }
                report(RepositoryProgress(stage: .repacking, done: number + 1, total: reads.count, bytes: 0))
            }
        }
    }

    /// Of each used blob the one copy that was chosen, if its pack goes.
    private func wantedBlobs() -> [(pack: ResticID, blob: PackedBlob)] {
        var wanted: [(pack: ResticID, blob: PackedBlob)] = []
        for kind in BlobKind.allCases {
            for (position, record) in index.table(kind).records.enumerated()
            where plan.verdicts[Int(record.pack)] == .repack && prepared.survey.isKept(kind, position) {
                wanted.append((index.packs[record.pack], record.packed(kind)))
            }
        }
        return wanted
    }

    private func rewriteIndex() async throws(RepositoryError) {
        let verdicts = plan.verdicts
        try await repository.rewriteIndex(index, excluded: { verdicts[Int($0)] != .keep }, report: report)
    }
}

extension Repository {
    /// Writes index files that leave out some packs, then removes those that they replace.
    func rewriteIndex(
        _ index: RepositoryIndex, excluded: (UInt32) -> Bool, adding: [(ResticID, [PackedBlob])] = [],
        keepsFullFiles: Bool = true, alsoObsolete: [ResticID] = [], report: ProgressReport = { _ in }
    ) async throws(RepositoryError) {
        let rewrite = IndexRewrite(
            files: index.files, packCount: index.packs.count, excluded: excluded, keepsFullFiles: keepsFullFiles)
        report(RepositoryProgress(stage: .rewritingIndex, done: 0, total: rewrite.packs.count, bytes: 0))
        let writer = IndexWriter(self)
        try await index.forEachPack(rewrite.packs) { pack, blobs async throws(RepositoryError) in
            try await writer.add(pack, blobs)
        }
        for (pack, blobs) in adding { try await writer.add(pack, blobs) }
        try await writer.flush()
        let written = Set(writer.files)
        let failures = try await files.remove(
            .index, Array(Set(rewrite.obsolete + alsoObsolete).subtracting(written)))
        // An old index file that names a pack which is about to go would make the repository look damaged.
        if let (id, error) = failures.first { throw RepositoryError(error, "removing index \(id)") }
    }
}
