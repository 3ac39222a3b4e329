import Basics
import NIOCore
import ObjectStorage
import ResticFormat
import Synchronization

extension CheckRun {
    /// Reads the chosen packs whole. Each is hashed while it is read, and its blobs side by side when it is there.
    func readPacks(_ indexed: IndexedRepository, _ listed: [ListedPack]) async throws(RepositoryError) {
        var random = SystemRandomNumberGenerator()
        let broken = result.withLock { $0.brokenPacks }
        let chosen = options.read.choose(listed, using: &random).filter { !broken.contains($0.id) }
        guard !chosen.isEmpty else { return }
        let contents = PackContents(indexed.index)
        do {
            try await forEachConcurrently(chosen, limit: options.tasks) { [self] pack in
                try await read(pack, contents, total: chosen.count)
            }
        } catch {
            throw RepositoryError(error, while: "reading packs")
        }
    }

    private func read(_ listed: ListedPack, _ contents: PackContents, total: Int) async throws(RepositoryError) {
        // What is in no index is no part of the repository.
        guard let blobs = contents.blobs(of: listed.id) else { return }
        var pack = WholePack(listed, blobs)
        try await load(&pack)
        if !verify(&pack).isEmpty { try await confirm(pack) }
        let (bytes, done) = result.withLock { result in
            result.readBytes += listed.size
            return (result.readBytes, result.readPacks(adding: 1))
        }
        memory.giveBack(pack.releaseMemory())
        progress(RepositoryProgress(stage: .readingPacks, done: done, total: total, bytes: bytes))
    }

    /// Reads the pack's bytes into memory that was used before; none if it vanished or is shorter than listed.
    private func load(_ pack: inout WholePack) async throws(RepositoryError) {
        var buffer = memory.take { ByteBuffer() }
        do throws(RepositoryError) {
            let range = 0..<Int(pack.listed.size)
            var hash = SHA256Stream()
            try await repository.files.loadRange(pack.listed.id, range, into: &buffer) { hash.update($0) }
            pack.giveMemory(&buffer, hash.finish())
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
        var again = WholePack(pack.listed, pack.blobs)
        try await load(&again)
        let confirmed = verify(&again)
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
