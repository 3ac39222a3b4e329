import Basics
import ResticFormat
import Synchronization

/// A directory that a sweep came by.
enum SweptTree: Sendable {
    case tree(ResticID, Tree)
    /// In no index, damaged in all copies, or no directory.
    case bad(ResticID, RepositoryError)
}

/// Visits every directory beneath some roots once, in few requests: level by level, each level's directories fetched pack by
/// pack in the order in which they lie there.
///
/// Memory: 8 bytes for each directory of the widest level, a bit for each directory of the index, and for each of `tasks`
/// one tree's text and value.
struct TreeSweep: Sendable {
    let repository: IndexedRepository
    /// Requests at once.
    var tasks = 4

    private struct Level {
        var seen: BitSet
        var next: [Int] = []
        /// Directories that no index has; each is told once.
        var unknown: Set<ResticID> = []
    }

    /// - Parameter visit: called from several tasks at once. Returns the directories beneath to go on with, as a rule all.
    func run(
        roots: [ResticID], visit: @Sendable @escaping (SweptTree) -> [ResticID]
    ) async throws(RepositoryError) {
        let table = repository.index.trees
        let level = Mutex(Level(seen: BitSet(count: table.records.count)))
        add(roots, to: level, visit)
        while true {  // Ends with the deepest level: every directory is visited once.
            let positions = level.withLock { level in
                defer { level.next = [] }
                return level.next
            }
            guard !positions.isEmpty else { return }
            let reads = PackReadPlan.plan(
                positions.sorted { place(table.records[$0]) < place(table.records[$1]) }.lazy.map { position in
                    let record = table.records[position]
                    return (repository.index.packs[record.pack], record.packed(.tree))
                })
            try await visitAll(reads, level, visit)
        }
    }

    private func place(_ record: BlobRecord) -> UInt64 { UInt64(record.pack) << 32 | UInt64(record.offset) }

    private func add(
        _ ids: [ResticID], to level: borrowing Mutex<Level>, _ visit: (SweptTree) -> [ResticID]
    ) {
        for id in ids {
            let position = repository.index.trees.positions(of: id).first
            let isUnknown = level.withLock { level in
                guard let position else { return level.unknown.insert(id).inserted }
                if level.seen.insert(position) { level.next.append(position) }
                return false
            }
            if isUnknown { _ = visit(.bad(id, RepositoryError(.damaged, "tree \(id) is in no index"))) }
        }
    }

    private func visitAll(
        _ reads: [PackRead], _ level: borrowing Mutex<Level>, _ visit: @Sendable @escaping (SweptTree) -> [ResticID]
    ) async throws(RepositoryError) {
        do {
            // A batch at a time: the closures escape, so they cannot hold the level.
            for batch in stride(from: 0, to: reads.count, by: TreeSweep.batch) {
                let some = reads[batch..<min(batch + TreeSweep.batch, reads.count)]
                let children = try await mapConcurrently(some, limit: tasks) { [self] read in
                    try await visitRead(read, visit)
                }
                for ids in children { add(ids, to: level, visit) }
            }
        } catch {
            throw RepositoryError(error, while: "reading directories")
        }
    }

    private static let batch = 64

    private func visitRead(
        _ read: PackRead, _ visit: @Sendable (SweptTree) -> [ResticID]
    ) async throws -> [ResticID] {
        var children: [ResticID] = []
        let failures = try await repository.read(read) { place, text in
            children += visit(TreeSweep.parse(read.blobs[place].handle.id, text))
        }
        for failure in failures { children += visit(.bad(failure.handle.id, failure.error)) }
        return children
    }

    private static func parse(_ id: ResticID, _ text: UnsafeRawBufferPointer) -> SweptTree {
        do throws(FormatError) {
            return .tree(id, try Tree(decoding: text))
        } catch {
            return .bad(id, RepositoryError(error, in: "tree \(id)"))
        }
    }
}

extension Tree {
    /// The directories directly beneath.
    var subtrees: [ResticID] { nodes.compactMap { $0.kind == .directory ? $0.subtree : nil } }
}
