extension StoreFeatures {
    /// What a store says to everything that it does not offer; an implementation writes only what it has.
    package func refusal(_ feature: StoreFeature) -> StoreError {
        StoreError(.unsupported, "this store does not offer \(feature.rawValue)")
    }

    package func bucket() async throws(StoreError) -> BucketIdentity { throw refusal(.bucketIdentity) }

    package func versioning() async throws(StoreError) -> BucketVersioning { .never }

    package func setVersioning(_ state: BucketVersioning) async throws(StoreError) { throw refusal(.versions) }

    package func objectLock() async throws(StoreError) -> BucketLock? { nil }

    package func listVersions(_ request: VersionListRequest) async throws(StoreError) -> VersionListPage {
        throw refusal(.versions)
    }

    package func deleteVersions(_ versions: [VersionName]) async throws(StoreError) -> [VersionName: StoreError] {
        throw refusal(.versions)
    }

    package func tags(of key: ObjectKey, versionID: String?) async throws(StoreError) -> [String: String] {
        throw refusal(.tags)
    }

    package func setTags(_ tags: [String: String], of key: ObjectKey, versionID: String?) async throws(StoreError) {
        throw refusal(.tags)
    }

    package func retention(of key: ObjectKey, versionID: String?) async throws(StoreError) -> ObjectRetention? {
        throw refusal(.objectLock)
    }

    package func setRetention(
        _ retention: ObjectRetention, of key: ObjectKey, versionID: String?
    ) async throws(StoreError) {
        throw refusal(.objectLock)
    }

    package func copy(_ request: CopyRequest) async throws(StoreError) -> ObjectInfo { throw refusal(.copies) }

    package func partSizes(of info: ObjectInfo) async throws(StoreError) -> [Int64]? { nil }

    package func put(
        _ body: ByteStream, size: Int64, at key: ObjectKey, options: PutOptions
    ) async throws(StoreError) -> ObjectInfo {
        throw refusal(.streamedPuts)
    }

    package func continueUpload(
        _ id: String, at key: ObjectKey, options: PutOptions
    ) async throws(StoreError) -> any ObjectUpload {
        throw refusal(.continuedUploads)
    }

    package func sentParts(of id: String, at key: ObjectKey) async throws(StoreError) -> [UploadedPart] {
        throw refusal(.continuedUploads)
    }

    package func openUploads(prefix: String) async throws(StoreError) -> [OpenUpload] {
        throw refusal(.continuedUploads)
    }
}

/// Of a store that is objects and keys, and nothing else.
package struct NoStoreFeatures: StoreFeatures {
    private let location: String

    package init(location: String) { self.location = location }

    package var offered: Set<StoreFeature> { [] }

    package func refusal(_ feature: StoreFeature) -> StoreError {
        StoreError(.unsupported, "\(location) does not offer \(feature.rawValue)")
    }
}
