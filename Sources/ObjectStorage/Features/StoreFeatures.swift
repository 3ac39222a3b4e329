/// What a store does beyond `ObjectStore`. Everything here may be missing: a call then throws `.unsupported`.
///
/// Errors, retry and safety are as in `ObjectStore`; nothing is repeated by itself.
package protocol StoreFeatures: Sendable {
    /// What this kind of store can do at all. The server, or the bucket as it is set up, may still refuse one with
    /// `.unsupported`.
    var offered: Set<StoreFeature> { get }

    // MARK: The bucket

    /// Whether the bucket is there and may be asked, and which one it is: one request.
    ///
    /// - Throws: `.notFound` if there is no such bucket, `.forbidden`, `.unauthorized`.
    func bucket() async throws(StoreError) -> BucketIdentity

    func versioning() async throws(StoreError) -> BucketVersioning

    /// - Throws: `.invalid` for `.never`, which a bucket cannot go back to.
    func setVersioning(_ state: BucketVersioning) async throws(StoreError)

    /// The lock that new versions get by themselves; nil if the bucket has no object lock.
    func objectLock() async throws(StoreError) -> BucketLock?

    // MARK: Versions

    /// One page of versions and delete markers: keys ascending by bytes, newest first within a key.
    func listVersions(_ request: VersionListRequest) async throws(StoreError) -> VersionListPage

    /// Deletes versions and delete markers for good; one that does not exist counts as deleted.
    ///
    /// - Returns: those that could not be deleted, with the reason of each; a locked one has `.forbidden`.
    func deleteVersions(_ versions: [VersionName]) async throws(StoreError) -> [VersionName: StoreError]

    // MARK: Single objects

    /// The tags of an object, by name.
    func tags(of key: ObjectKey, versionID: String?) async throws(StoreError) -> [String: String]

    /// Replaces all tags; the object's bytes and its tag as a version (`etag`) stay.
    func setTags(_ tags: [String: String], of key: ObjectKey, versionID: String?) async throws(StoreError)

    /// Until when a version may not be deleted; nil if it may.
    func retention(of key: ObjectKey, versionID: String?) async throws(StoreError) -> ObjectRetention?

    /// Lengthens a lock (shortening one is `.forbidden`).
    func setRetention(
        _ retention: ObjectRetention, of key: ObjectKey, versionID: String?
    ) async throws(StoreError)

    /// Copies within the store without reading the bytes here. At most 5 GiB.
    ///
    /// - Throws: `.notFound`, `.preconditionFailed` as the request says, `.limitExceeded` above 5 GiB.
    func copy(_ request: CopyRequest) async throws(StoreError) -> ObjectInfo

    /// The lengths of the parts that an object was uploaded in, in order; nil if it was put at once, or if the store does
    /// not tell. At most a few requests, whatever the number of parts.
    ///
    /// - Parameter info: from `head` or `get`: size and tag.
    func partSizes(of info: ObjectInfo) async throws(StoreError) -> [Int64]?

    /// Writes an object of known length from a stream, in one request: the tag becomes what a put of these bytes gives.
    ///
    /// A failed call cannot be repeated with the same stream. Memory: one chunk.
    /// - Parameters:
    ///   - size: at most 5 GiB; the body must have exactly so many bytes, `.integrity` otherwise.
    ///   - options: should have `contentMD5`; without it the bytes travel without proof.
    func put(
        _ body: ByteStream, size: Int64, at key: ObjectKey, options: PutOptions
    ) async throws(StoreError) -> ObjectInfo

    // MARK: Uploads of another process

    /// Goes on with an upload that was begun before, perhaps by a process that is dead. Asks nothing of the store.
    ///
    /// - Parameter options: those that it was begun with; only the condition matters from here on.
    func continueUpload(
        _ id: String, at key: ObjectKey, options: PutOptions
    ) async throws(StoreError) -> any ObjectUpload

    /// The parts that the store has, by number. At most 10,000.
    ///
    /// - Throws: `.notFound` if the upload has ended.
    func sentParts(of id: String, at key: ObjectKey) async throws(StoreError) -> [UploadedPart]

    /// Uploads that were begun and have not ended, of keys that begin with `prefix`; at most 10,000.
    func openUploads(prefix: String) async throws(StoreError) -> [OpenUpload]
}

package enum StoreFeature: String, Sendable, CaseIterable {
    case bucketIdentity, versions, tags, objectLock, copies, partSizes, streamedPuts, continuedUploads
}

extension StoreFeatures {
    package func offers(_ feature: StoreFeature) -> Bool { offered.contains(feature) }
}

/// Headers beside content type and user metadata that are part of an object. `content-encoding` is without `aws-chunked`.
package enum ObjectHeader {
    package static let kept = [
        "cache-control", "content-disposition", "content-encoding", "content-language", "expires",
        "x-amz-website-redirect-location",
    ]
}
