package import Basics
import GRDB
import Glibc
package import ObjectStorage
import Synchronization

/// What the mirror knows of one pair, on disk: key, tags, size and versions of what was copied. A cache: deleting it is
/// safe and costs one listing of the target.
///
/// One writer; changes are gathered and written `batch` at a time, in one transaction. A crash loses the last of them,
/// which costs some comparisons: nothing is ever believed because the index does not know better. Memory: 8 MiB of pages
/// and one batch. Disk: about 150 bytes for each key.
package final class MirrorIndex: UploadMemory {
    private struct State {
        var changes: [IndexChange] = []
    }

    /// How many changes make a transaction.
    static let batch = 1000
    let database: DatabaseQueue
    private let state = Mutex(State())
    private let removesItself = Atomic(false)

    /// - Parameters:
    ///   - path: a file in an existing folder; it is made if it is missing, and made anew if it is damaged or of another
    ///     pair. Nil for an index in memory.
    ///   - pair: both ends, so that the index of one pair is never used for another.
    /// - Throws: `.index` if the file cannot be opened or made.
    package init(path: String?, pair: String) throws(MirrorError) {
        do {
            database = try MirrorIndex.open(path, pair: pair)
        } catch {
            throw MirrorError(.index, "the index \(path ?? "in memory") cannot be opened", cause: error)
        }
    }

    /// An index for a while: its files go with it.
    convenience init(temporary path: String) throws(MirrorError) {
        try self.init(path: path, pair: "temporary")
        removesItself.store(true, ordering: .relaxed)
    }

    deinit {
        guard removesItself.load(ordering: .relaxed), !database.path.isEmpty else { return }
        try? database.close()  // It is a temporary file: SQLite has nothing left to save.
        for suffix in ["", "-wal", "-shm"] { unlink(database.path + suffix) }
    }

    /// Whether the index has seen all that was in the target, and everything since: then it stands for a listing of it. A
    /// mirror that was killed may have copied what it could not note.
    package var isComplete: Bool {
        get throws(MirrorError) {
            if try value(of: .inUse) != nil { return false }
            return try value(of: .complete) == "1"
        }
    }

    /// From now on the target may be ahead of the index, until `endUse`.
    package func beginUse() throws(MirrorError) { try set(.inUse, to: "1") }

    /// Everything is noted.
    package func endUse() throws(MirrorError) {
        try flush()
        try set(.inUse, to: nil)
    }

    /// From now on the index stands for a listing of the target, or does not.
    package func setComplete(_ isComplete: Bool) throws(MirrorError) {
        try flush()
        try set(.complete, to: isComplete ? "1" : nil)
    }

    /// When the target was last listed and compared completely.
    package func setTargetListed(_ time: Timestamp) throws(MirrorError) { try set(.listed, to: time.description) }

    /// Whether that is longer ago than `interval`, or was never, or in the future of a clock that was put right.
    package func isTargetListingDue(after interval: Duration, now: Timestamp) throws(MirrorError) -> Bool {
        guard let last = try value(of: .listed).flatMap({ Timestamp($0) }), last <= now else { return true }
        return now - last >= interval
    }

    /// How many keys it knows, those noted and not yet written not counted.
    package var count: Int {
        get throws(MirrorError) {
            try read { try Int.fetchOne($0, sql: "SELECT count(*) FROM object") ?? 0 }
        }
    }

    // MARK: Objects

    /// Notes a copy, or that a key is gone. Written with the batch.
    package func note(_ change: IndexChange) throws(MirrorError) {
        let full = state.withLock { state -> [IndexChange]? in
            state.changes.append(change)
            guard state.changes.count >= MirrorIndex.batch else { return nil }
            defer { state.changes = [] }
            return state.changes
        }
        if let full { try write(full) }
    }

    /// Writes what was noted.
    package func flush() throws(MirrorError) {
        let changes = state.withLock { state in
            defer { state.changes = [] }
            return state.changes
        }
        if !changes.isEmpty { try write(changes) }
    }

    /// At most `limit` keys after `key`, in order of their bytes, as the source had them when they were copied. Changes
    /// that were noted are written first.
    package func page(after key: ObjectKey?, limit: Int = 1000) throws(MirrorError) -> [IndexEntry] {
        try flush()
        return try read { database in
            let statement = try database.cachedStatement(
                sql: "SELECT key, size, tag, target_tag, version FROM object WHERE key > ? ORDER BY key LIMIT ?")
            let rows = try Row.fetchCursor(statement, arguments: [key?.text ?? "", limit])
            var entries: [IndexEntry] = []
            entries.reserveCapacity(limit)
            while let row = try rows.next() {
                if let entry = IndexEntry(row) { entries.append(entry) }
            }
            return entries
        }
    }

    /// What is known of one key; nil if nothing. Sees what was noted and not yet written.
    package func entry(_ key: ObjectKey) throws(MirrorError) -> IndexEntry? {
        let pending = state.withLock { state in state.changes.last { $0.key == key } }
        if let pending { return pending.entry }
        return try read { database in
            let statement = try database.cachedStatement(
                sql: "SELECT key, size, tag, target_tag, version FROM object WHERE key = ?")
            return try Row.fetchOne(statement, arguments: [key.text]).flatMap(IndexEntry.init)
        }
    }

    // MARK: Words about the pair

    enum Word: String { case pair, complete, inUse, listed, cursor, bucket, history }

    func value(of word: Word, _ suffix: String = "") throws(MirrorError) -> String? {
        try read {
            try String.fetchOne($0, sql: "SELECT value FROM word WHERE name = ?", arguments: [word.rawValue + suffix])
        }
    }

    func set(_ word: Word, _ suffix: String = "", to value: String?) throws(MirrorError) {
        try write { database in
            try database.execute(
                sql: value == nil
                    ? "DELETE FROM word WHERE name = ?1" : "INSERT OR REPLACE INTO word (name, value) VALUES (?1, ?2)",
                arguments: value == nil ? [word.rawValue + suffix] : [word.rawValue + suffix, value])
        }
    }

    // MARK: Uploads; a lost note costs an upload that is begun anew

    func upload(of key: ObjectKey) -> (id: String, sourceTag: String)? {
        // What cannot be read is not known: the upload is begun anew.
        let row = try? read { database in
            try Row.fetchOne(database, sql: "SELECT id, tag FROM upload WHERE key = ?", arguments: [key.text])
        }
        guard let row, let id = row["id"] as String?, let tag = row["tag"] as String? else { return nil }
        return (id, tag)
    }

    func remember(_ id: String, of key: ObjectKey, sourceTag: String) {
        // Without the note, a mirror that is killed begins the upload anew.
        try? write { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO upload (key, id, tag) VALUES (?, ?, ?)",
                arguments: [key.text, id, sourceTag])
        }
    }

    func forget(_ key: ObjectKey) {
        // A note too many names an upload that the store does not have any more; asked for its parts, the store says so.
        try? write { try $0.execute(sql: "DELETE FROM upload WHERE key = ?", arguments: [key.text]) }
    }

    // MARK: The database

    private func write(_ changes: [IndexChange]) throws(MirrorError) {
        try write { database in
            let put = try database.cachedStatement(
                sql: """
                    INSERT OR REPLACE INTO object (key, size, tag, target_tag, version) VALUES (?, ?, ?, ?, ?)
                    """)
            let delete = try database.cachedStatement(sql: "DELETE FROM object WHERE key = ?")
            for change in changes {
                switch change {
                case .copied(let entry): try entry.write(with: put)
                case .gone(let key):
                    delete.setUncheckedArguments([key.text])
                    try delete.execute()
                }
            }
        }
    }

    private func read<Result>(_ body: (Database) throws -> Result) throws(MirrorError) -> Result {
        do {
            return try database.read(body)
        } catch {
            throw MirrorError(.index, "reading the index failed", cause: error)
        }
    }

    private func write<Result>(_ body: (Database) throws -> Result) throws(MirrorError) -> Result {
        do {
            return try database.write(body)
        } catch {
            throw MirrorError(.index, "writing the index failed", cause: error)
        }
    }
}
