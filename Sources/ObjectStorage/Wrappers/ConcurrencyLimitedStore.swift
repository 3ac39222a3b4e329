import Basics
package import NIOCore

/// Lets at most so many requests be under way at a time; the others wait their turn.
///
/// Reads and writes are counted apart, so that a task which copies within one store, holding an open body while it writes,
/// cannot wait for itself. An open body counts until it was read to its end or dropped: who keeps several bodies open at
/// once needs a limit above that number.
package struct ConcurrencyLimitedStore: ObjectStore {
    private let base: any ObjectStore
    private let reads: Permits
    private let writes: Permits

    /// - Parameters: at least 1 each.
    package init(_ base: any ObjectStore, reads: Int, writes: Int) {
        self.base = base
        self.reads = Permits(reads)
        self.writes = Permits(writes)
    }

    package var location: String { base.location }

    package var features: any StoreFeatures {
        WrappedFeatures(base.features, LimitRules(reads: reads, writes: writes))
    }

    package func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo {
        let permit = try await reads.take()
        defer { withExtendedLifetime(permit) {} }
        return try await base.head(key)
    }

    package func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        let permit = try await reads.take()
        let object = try await base.get(key, options: options)
        return StoredObject(info: object.info, body: object.body.holding(permit))
    }

    package func list(_ request: ListRequest) async throws(StoreError) -> ListPage {
        let permit = try await reads.take()
        defer { withExtendedLifetime(permit) {} }
        return try await base.list(request)
    }

    package func put(
        _ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions
    ) async throws(StoreError) -> ObjectInfo {
        let permit = try await writes.take()
        defer { withExtendedLifetime(permit) {} }
        return try await base.put(bytes, at: key, options: options)
    }

    package func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload {
        let permit = try await writes.take()
        defer { withExtendedLifetime(permit) {} }
        return LimitedUpload(base: try await base.beginUpload(at: key, options: options), writes: writes)
    }

    package func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        let permit = try await writes.take()
        defer { withExtendedLifetime(permit) {} }
        return try await base.delete(keys)
    }
}

private struct LimitRules: FeatureRules {
    let reads: Permits
    let writes: Permits

    func run<Result>(
        _ call: StoreUse.Request, _ body: () async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        let permit = try await (call.isWrite ? writes : reads).take()
        defer { withExtendedLifetime(permit) {} }
        return try await body()
    }

    func wrapped(_ upload: any ObjectUpload, key: ObjectKey) -> any ObjectUpload {
        LimitedUpload(base: upload, writes: writes)
    }
}

private struct LimitedUpload: ObjectUpload {
    let base: any ObjectUpload
    let writes: Permits

    var id: String? { base.id }

    func upload(_ bytes: ByteBuffer, as number: Int) async throws(StoreError) -> UploadedPart {
        let permit = try await writes.take()
        defer { withExtendedLifetime(permit) {} }
        return try await base.upload(bytes, as: number)
    }

    func complete(_ parts: [UploadedPart]) async throws(StoreError) -> ObjectInfo {
        let permit = try await writes.take()
        defer { withExtendedLifetime(permit) {} }
        return try await base.complete(parts)
    }

    // Not limited: giving up must not wait behind what it gives up.
    func abort() async throws(StoreError) { try await base.abort() }
}

extension ByteStream {
    /// The same chunks; `permit` goes with the end of the first iteration, or with the last reference to the stream.
    fileprivate func holding(_ permit: Permits.Permit) -> ByteStream {
        let held = HeldPermit(permit)
        return ByteStream { [self] in
            var iterator = makeAsyncIterator()
            return {
                let chunk = try await iterator.next()
                if chunk == nil { held.drop() }
                return chunk
            }
        }
    }
}
