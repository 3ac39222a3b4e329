import Basics
package import ResticFormat

/// What repairing the index did.
package struct IndexRepair: Sendable {
    /// Packs whose own headers went into the index.
    package var indexedPacks: [ResticID] = []
    /// Packs that the index named and that are not there.
    package var missingPacks: [ResticID] = []
    /// Packs that nobody can say the content of: `repair packs` may save some.
    package var unreadablePacks: [DamagedFile] = []
    package var damagedIndexFiles: [ResticID] = []

    package var changesNothing: Bool {
        indexedPacks.isEmpty && missingPacks.isEmpty && damagedIndexFiles.isEmpty
    }
}

extension Repository {
    /// Makes the index agree with the packs that are there. Needs an exclusive lock.
    ///
    /// Safe to end at any moment: new files are written before those that they replace are removed.
    /// - Parameter readsAllPacks: trusts no index file; takes a request or two for each pack.
    /// - Throws: `.store`, `.cancelled`.
    package func repairIndex(
        readsAllPacks: Bool = false, report: @escaping ProgressReport = { _ in }
    ) async throws(RepositoryError) -> IndexRepair {
        let indexFiles = try await files.list(.index)
        let (index, damage) = try await readIndex(indexFiles)
        let listed = try await files.list(.pack)
        let survey = IndexSurvey(index: index, listed: listed, trustsIndex: !readsAllPacks)
        var repair = IndexRepair()
        repair.missingPacks = survey.missing
        repair.damagedIndexFiles = damage.map(\.id)
        let headers = try await loadHeaders(survey.unknown, report)
        var found: [(ResticID, [PackedBlob])] = []
        for (pack, header) in zip(survey.unknown, headers) {
            switch header {
            case .success(let header): found.append((pack.id, header.blobs))
            case .failure(let error): repair.unreadablePacks.append(DamagedFile(kind: .pack, id: pack.id, error: error))
            }
        }
        repair.indexedPacks = found.map(\.0)
        guard !repair.changesNothing || survey.hasRepeatedPacks || readsAllPacks else { return repair }
        try await rewriteIndex(
            index, excluded: { survey.isExcluded($0) }, adding: found, keepsFullFiles: !readsAllPacks,
            alsoObsolete: readsAllPacks ? indexFiles.map(\.id) : repair.damagedIndexFiles, report: report)
        return repair
    }

    private func loadHeaders(
        _ packs: [ListedFile], _ report: @escaping ProgressReport
    ) async throws(RepositoryError) -> [Result<PackHeader, RepositoryError>] {
        do {
            return try await mapConcurrently(packs.enumerated(), limit: 8) { [self] number, pack in
                report(RepositoryProgress(stage: .readingPacks, done: number, total: packs.count, bytes: 0))
                return try await tryLoadHeader(pack)
            }
        } catch {
            throw RepositoryError(error, while: "reading the headers of packs")
        }
    }

    private func tryLoadHeader(_ pack: ListedFile) async throws(RepositoryError) -> Result<PackHeader, RepositoryError>
    {
        do throws(RepositoryError) {
            return .success(try await loadHeader(pack.id, size: Int(pack.size)))
        } catch {
            if error.code == .store || error.code == .cancelled { throw error }
            return .failure(error)
        }
    }
}

/// The index against the packs that are there.
private struct IndexSurvey: Sendable {
    private(set) var missing: [ResticID] = []
    /// To be described by their own headers, ascending by id.
    private(set) var unknown: [ListedFile] = []
    private(set) var hasRepeatedPacks = false
    private var excluded: BitSet

    init(index: RepositoryIndex, listed: [ListedFile], trustsIndex: Bool) {
        excluded = BitSet(count: index.packs.count)
        let usage = UsageSurvey(index: index, used: UsedBlobs(index: index)).packs
        let conflicting = IndexSurvey.repeated(index)
        hasRepeatedPacks = !conflicting.isEmpty
        var known: [ResticID: Int] = [:]
        for (number, pack) in usage.enumerated() { known[pack.id] = number }
        for file in listed {
            guard let number = known.removeValue(forKey: file.id) else {
                unknown.append(file)
                continue
            }
            let agrees = file.size == Int64(usage[number].size) && !conflicting.contains(UInt32(number))
            guard !trustsIndex || !agrees else { continue }
            unknown.append(file)
            _ = excluded.insert(number)
        }
        for (id, number) in known {
            missing.append(id)
            _ = excluded.insert(number)
        }
        missing.sort()
    }

    func isExcluded(_ pack: UInt32) -> Bool { excluded[Int(pack)] }

    private static func repeated(_ index: RepositoryIndex) -> Set<UInt32> {
        var seen = BitSet(count: index.packs.count)
        return Set(index.files.lazy.flatMap(\.packs).filter { !seen.insert(Int($0)) })
    }
}
