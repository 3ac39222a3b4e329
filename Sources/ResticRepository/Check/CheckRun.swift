import Basics
import NIOCore
import ResticFormat
import Synchronization

extension Repository {
    /// Looks whether everything that snapshots need is there and, as far as wanted, whether it is undamaged.
    ///
    /// Wants an exclusive lock, since a prune at the same time would look like damage. Changes nothing.
    /// - Throws: `.store`, `.cancelled`. Damage is not thrown but reported.
    package func check(
        _ options: CheckOptions = CheckOptions(), report: @escaping ProgressReport = { _ in }
    ) async throws(RepositoryError) -> CheckReport {
        let run = CheckRun(repository: self, options: options, progress: report)
        return try await run.check()
    }
}

/// A check under way. Collects what several tasks find.
final class CheckRun: Sendable {
    let repository: Repository
    let options: CheckOptions
    let progress: ProgressReport
    let result = Mutex(CheckReport())
    /// Blobs that no good copy is known of.
    let lost = Mutex<Set<BlobHandle>>([])
    /// For packs that are read whole.
    let memory = ObjectPool<ByteBuffer>()
    /// How many bytes are there of packs that are missing or cut off.
    let cutPacks = Mutex<[ResticID: Int64]>([:])

    init(repository: Repository, options: CheckOptions, progress: @escaping ProgressReport) {
        self.repository = repository
        self.options = options
        self.progress = progress
    }

    func add(_ finding: CheckFinding) { result.withLock { $0.add(finding) } }

    func check() async throws(RepositoryError) -> CheckReport {
        // Snapshots before the index: then the index has what they need.
        let snapshots = try await checkSnapshots()
        let (index, damage) = try await repository.readIndex()
        let indexed = IndexedRepository(repository: repository, index: index)
        for file in damage { note(damagedIndex: file) }
        checkRepeatedPacks(index)
        let usage = UsageSurvey(index: index, used: UsedBlobs(index: index)).packs
        let listed = try await repository.files.list(.pack).map { ListedPack(id: $0.id, size: $0.size) }
        checkPacks(usage, listed)
        try await checkTrees(indexed, snapshots)
        try await readPacks(indexed, listed)
        if !result.withLock({ $0.isClean }) {
            let paths = try await LostPaths(indexed: indexed, run: self).find(in: snapshots)
            result.withLock { $0.lostPaths = paths }
        }
        return result.withLock { $0 }
    }

    private func checkSnapshots() async throws(RepositoryError) -> [StoredSnapshot] {
        let list = try await repository.listSnapshots()
        for file in list.damaged {
            add(
                CheckFinding(
                    .damagedSnapshot, file.id, ErrorChain.line(file.error),
                    loss: "what this snapshot held, unless others hold it too",
                    advice: "forget it with 'repair snapshots --forget \(file.id.shortDescription)'"))
        }
        let wanted = options.snapshots.map(Set.init)
        let chosen = list.snapshots.filter { wanted?.contains($0.id) ?? true }
        result.withLock { $0.checkedSnapshots = chosen.count }
        return chosen
    }

    private func note(damagedIndex file: DamagedFile) {
        add(
            CheckFinding(
                .damagedIndex, file.id, ErrorChain.line(file.error),
                loss: "nothing if the packs are intact: they say themselves what they hold",
                advice: "run 'repair index'"))
    }

    /// The same pack in several index files: a hint if they agree, damage if they do not.
    private func checkRepeatedPacks(_ index: RepositoryIndex) {
        var seen: [UInt32: UInt32] = [:]
        var repeated: Set<UInt32> = []
        var counts: [UInt32: Int] = [:]
        for file in index.files {
            for (pack, count) in zip(file.packs, file.counts) where seen.updateValue(count, forKey: pack) != nil {
                repeated.insert(pack)
            }
        }
        guard !repeated.isEmpty else { return }
        for record in index.data.records + index.trees.records where repeated.contains(record.pack) {
            counts[record.pack, default: 0] += 1
        }
        for file in index.files {
            for (pack, count) in zip(file.packs, file.counts) where repeated.contains(pack) {
                note(repeatedPack: index.packs[pack], agrees: counts[pack] == Int(count))
                repeated.remove(pack)
            }
        }
    }

    private func note(repeatedPack id: ResticID, agrees: Bool) {
        add(
            agrees
                ? CheckFinding(
                    .repeatedPack, id, "pack \(id) is described by several index files",
                    advice: "nothing is lost; 'repair index' tidies up")
                : CheckFinding(
                    .conflictingIndex, id, "index files describe pack \(id) in different ways",
                    advice: "run 'repair index'"))
    }

    /// What the index says of packs against what is there.
    private func checkPacks(_ usage: [PackUsage], _ listed: [ListedPack]) {
        var sizes: [ResticID: Int64] = [:]
        for pack in listed { sizes[pack.id] = pack.size }
        result.withLock { $0.checkedPacks = listed.count }
        for pack in usage {
            if pack.content == .mixed {
                add(
                    CheckFinding(
                        .mixedPack, pack.id, "pack \(pack.id) holds data and directories, as old versions wrote it",
                        advice: "nothing is lost; prune separates them"))
            }
            let size = sizes.removeValue(forKey: pack.id)
            if size != Int64(pack.size) { note(pack, size: size) }
        }
        for pack in listed where sizes[pack.id] != nil {
            add(
                CheckFinding(
                    .orphanPack, pack.id, "pack \(pack.id) is in no index, as a backup leaves it that was cut off",
                    advice: "nothing is lost; prune frees its \(pack.size) bytes"))
        }
    }

    private func note(_ pack: PackUsage, size: Int64?) {
        result.withLock { _ = $0.brokenPacks.insert(pack.id) }
        cutPacks.withLock { $0[pack.id] = size ?? 0 }
        let finding =
            size.map { size in
                CheckFinding(
                    .wrongPackSize, pack.id, "pack \(pack.id) has \(size) bytes where \(pack.size) are expected",
                    loss: "those of its \(pack.unusedBlobs) blobs that lie in what is missing",
                    advice: "run 'repair packs \(pack.id)', then 'repair snapshots --forget'")
            }
            ?? CheckFinding(
                .missingPack, pack.id, "pack \(pack.id) is missing",
                loss: "its \(pack.unusedBlobs) blobs, unless other packs hold them too",
                advice: "bring the file back, from a copy of the repository if there is one; else run 'repair index', "
                    + "back up again, then 'repair snapshots --forget'")
        add(finding)
    }
}
