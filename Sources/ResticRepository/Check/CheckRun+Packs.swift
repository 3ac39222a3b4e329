import Basics
import NIOCore
import ObjectStorage
import ResticFormat
import Synchronization

extension CheckRun {
    /// Reads the chosen packs whole, two by two: hashing two at once takes far less time than one after the other.
    func readPacks(_ indexed: IndexedRepository, _ listed: [ListedPack]) async throws(RepositoryError) {
        var random = SystemRandomNumberGenerator()
        let broken = result.withLock { $0.brokenPacks }
        let chosen = options.read.choose(listed, using: &random).filter { !broken.contains($0.id) }
        guard !chosen.isEmpty else { return }
        let pairs = stride(from: 0, to: chosen.count, by: 2).map { Array(chosen[$0..<min($0 + 2, chosen.count)]) }
        let contents = PackContents(indexed.index)
        do {
            try await forEachConcurrently(pairs, limit: options.tasks) { [self] pair in
                try await readPair(pair, contents, total: chosen.count)
            }
        } catch {
            throw RepositoryError(error, while: "reading packs")
        }
    }

    private func readPair(_ pair: [ListedPack], _ contents: PackContents, total: Int) async throws(RepositoryError) {
        var packs: [WholePack] = []
        for pack in pair {
            // What is in no index is no part of the repository.
            guard let blobs = contents.blobs(of: pack.id) else { continue }
            packs.append(WholePack(pack, blobs))
            try await load(&packs[packs.count - 1])
        }
        WholePack.hash(&packs)
        for index in packs.indices {
            let failures = verify(&packs[index])
            if !failures.isEmpty { try await confirm(packs[index]) }
        }
        let (bytes, done) = result.withLock { result in
            for pack in packs { result.readBytes += pack.listed.size }
            return (result.readBytes, result.readPacks(adding: packs.count))
        }
        for index in packs.indices { memory.giveBack(packs[index].releaseMemory()) }
        progress(RepositoryProgress(stage: .readingPacks, done: done, total: total, bytes: bytes))
    }

    /// Reads the pack's bytes into memory that was used before; none if it vanished or is shorter than listed.
    private func load(_ pack: inout WholePack) async throws(RepositoryError) {
        var buffer = memory.take { ByteBuffer() }
        do throws(RepositoryError) {
            let range = 0..<Int(pack.listed.size)
            try await repository.files.loadRange(pack.listed.id, range, into: &buffer)
            pack.giveMemory(&buffer)
        } catch {
            guard error.code == .damaged || error.code == .notFound else { throw error }
        }
    }

    /// Everything that is wrong with a pack.
    private func verify(_ pack: inout WholePack) -> [PackFailure] {
        guard pack.isRead else { return [.unreadable] }
        var failures: [PackFailure] = []
        if pack.foundID != pack.listed.id { failures.append(.otherHash(pack.foundID)) }
        if let failure = pack.headerFailure(repository) { failures.append(failure) }
        return failures + pack.blobFailures(repository)
    }

    /// Reads a pack again that looked damaged, and reports it if it still does.
    private func confirm(_ pack: WholePack) async throws(RepositoryError) {
        var again = [WholePack(pack.listed, pack.blobs)]
        try await load(&again[0])
        WholePack.hash(&again)
        let confirmed = verify(&again[0])
        let id = pack.listed.id
        guard !confirmed.isEmpty else {
            add(
                CheckFinding(
                    .transientFailure, id, "pack \(id) was damaged when it was read, and intact when it was read again",
                    advice: "nothing is lost; look at memory, network and disk"))
            return
        }
        result.withLock { _ = $0.brokenPacks.insert(id) }
        for failure in confirmed { add(failure.finding(id)) }
        lost.withLock { lost in
            for case .blob(let handle, _) in confirmed { lost.insert(handle) }
        }
    }
}

/// One thing that is wrong with a pack.
enum PackFailure: Sendable {
    case unreadable
    case otherHash(ResticID)
    case header(String)
    case blob(BlobHandle, String)

    func finding(_ pack: ResticID) -> CheckFinding {
        let advice = "run 'repair packs \(pack)', then 'repair snapshots --forget'"
        return switch self {
        case .unreadable:
            CheckFinding(
                .damagedPack, pack, "pack \(pack) cannot be read to its end", loss: "blobs that lie in what is missing",
                advice: advice)
        case .otherHash(let found):
            CheckFinding(
                .damagedPack, pack, "pack \(pack) was altered: its bytes have the SHA-256 \(found.shortDescription)…",
                loss: "only blobs that are named beside this", advice: advice)
        case .header(let why):
            CheckFinding(
                .damagedPack, pack, "the header of pack \(pack) is not what the index says: \(why)",
                loss: "nothing as long as the index is intact", advice: advice)
        case .blob(let handle, let why):
            CheckFinding(
                .damagedBlob, handle.id,
                "\(handle.kind) blob \(handle.id) in pack \(pack.shortDescription) is damaged: \(why)",
                loss: "the files that hold it, unless another pack holds it too", advice: advice)
        }
    }
}
