package import NIOCore

/// A store that cannot be written: what an old cluster's backups are while they are being restored.
package struct ReadOnlyStore: ObjectStore {
    private let base: any ObjectStore

    package init(_ base: any ObjectStore) { self.base = base }

    package var location: String { base.location }

    package var features: any StoreFeatures {
        WrappedFeatures(base.features, ReadOnlyRules(location: location))
    }

    package func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo { try await base.head(key) }

    package func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        try await base.get(key, options: options)
    }

    package func list(_ request: ListRequest) async throws(StoreError) -> ListPage { try await base.list(request) }

    /// - Throws: `.forbidden`, always; so do the other writing calls.
    package func put(
        _ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions
    ) async throws(StoreError) -> ObjectInfo {
        throw refusal("'\(key)' was not written")
    }

    package func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload {
        throw refusal("'\(key)' was not written")
    }

    package func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        throw refusal("\(keys.count) objects were not deleted")
    }

    private func refusal(_ consequence: String) -> StoreError {
        StoreError(.forbidden, "\(location) is used read-only: \(consequence)")
    }
}

private struct ReadOnlyRules: FeatureRules {
    let location: String

    func run<Result>(
        _ call: StoreUse.Request, _ body: () async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        guard call.isWrite else { return try await body() }
        throw StoreError(.forbidden, "\(location) is used read-only: nothing was changed")
    }
}
