package import NIOCore
package import ObjectStorage
import Synchronization

/// A store whose user is killed at a chosen write: the write happens or not, and nothing happens afterwards.
///
/// Each deleted key counts as a write of its own, so that a kill falls between the deletions of one call too.
package final class DyingStore: ObjectStore {
    private let base: any ObjectStore
    /// Writes that still happen; nil for all of them.
    private let state: Mutex<(left: Int?, count: Int)>

    /// - Parameter writes: how many happen before the end; nil to count only.
    package init(_ base: any ObjectStore, writes: Int? = nil) {
        self.base = base
        state = Mutex((writes, 0))
    }

    /// Writes so far.
    package var writes: Int { state.withLock { $0.count } }
    package var isDead: Bool { state.withLock { $0.left == 0 } }

    package var location: String { base.location }

    package func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo {
        try live()
        return try await base.head(key)
    }

    package func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        try live()
        return try await base.get(key, options: options)
    }

    package func put(
        _ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions
    ) async throws(StoreError) -> ObjectInfo {
        try write()
        return try await base.put(bytes, at: key, options: options)
    }

    package func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload {
        try write()
        return try await base.beginUpload(at: key, options: options)
    }

    package func list(_ request: ListRequest) async throws(StoreError) -> ListPage {
        try live()
        return try await base.list(request)
    }

    package func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        var failures: [ObjectKey: StoreError] = [:]
        for key in keys {
            try write()
            failures.merge(try await base.delete([key])) { first, _ in first }
        }
        return failures
    }

    private func live() throws(StoreError) {
        if isDead { throw StoreError(.unavailable, "planned: the process is dead") }
    }

    private func write() throws(StoreError) {
        let isAlive = state.withLock { state in
            guard let left = state.left else {
                state.count += 1
                return true
            }
            guard left > 0 else { return false }
            state = (left - 1, state.count + 1)
            return true
        }
        if !isAlive { throw StoreError(.unavailable, "planned: the process is dead") }
    }
}
