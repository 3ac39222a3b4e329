import GRDB
import Glibc

extension MirrorIndex {
    /// Opens the file; one that is damaged, of another pair or of another program is made anew.
    static func open(_ path: String?, pair: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.prepareDatabase { database in
            // Losing the last transactions to a power cut is harmless; a damaged file is not.
            try database.execute(sql: "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8192")
            try database.execute(sql: "PRAGMA temp_store = FILE")
        }
        configuration.busyMode = .timeout(5)
        guard let path else {
            let queue = try DatabaseQueue(configuration: configuration)
            try prepare(queue, pair: pair)
            return queue
        }
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            if try prepare(queue, pair: pair) { return queue }
            try queue.close()
        } catch let error as DatabaseError {
            guard [.SQLITE_NOTADB, .SQLITE_CORRUPT].contains(error.resultCode) else { throw error }
        }
        for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        _ = try prepare(queue, pair: pair)
        return queue
    }

    /// - Returns: whether the file is of this pair.
    @discardableResult
    private static func prepare(_ queue: DatabaseQueue, pair: String) throws -> Bool {
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = WAL") }
        return try queue.write { database in
            try database.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS object (
                        key TEXT PRIMARY KEY NOT NULL, size INTEGER NOT NULL, tag TEXT, target_tag TEXT, version TEXT
                    ) WITHOUT ROWID;
                    CREATE TABLE IF NOT EXISTS upload (
                        key TEXT PRIMARY KEY NOT NULL, id TEXT NOT NULL, tag TEXT NOT NULL
                    ) WITHOUT ROWID;
                    CREATE TABLE IF NOT EXISTS word (name TEXT PRIMARY KEY NOT NULL, value TEXT) WITHOUT ROWID;
                    """)
            let known = try String.fetchOne(database, sql: "SELECT value FROM word WHERE name = 'pair'")
            if known == nil {
                try database.execute(sql: "INSERT INTO word (name, value) VALUES ('pair', ?)", arguments: [pair])
            }
            return known == nil || known == pair
        }
    }
}
