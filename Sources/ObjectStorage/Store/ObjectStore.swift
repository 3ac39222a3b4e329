package import Basics
package import NIOCore

package typealias ByteStream = ChunkStream<ByteBuffer>

/// Stores objects by key; every bucket in Martlet is one. Safe to call from any task at any time.
///
/// A key is visible to a `get` that starts after its `put` returned; `list` may lag behind on stores other than
/// Amazon's. Source: Amazon S3 User Guide, "Amazon S3 data consistency model".
package protocol ObjectStore: Sendable {
    /// Where this store is, for messages: `s3://bucket/prefix`, `file:///backups`. Never a secret.
    var location: String { get }

    /// Reads what is known of an object without its bytes.
    ///
    /// - Throws: `.notFound`; `.throttled` and `.unavailable` may be retried.
    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo

    /// Opens an object for reading. The body is pulled; dropping it ends the transfer.
    ///
    /// The body throws `StoreError`: `.unavailable` if the connection breaks, `.integrity` if fewer bytes arrive than
    /// the answer promised.
    /// - Throws: `.notFound`, `.preconditionFailed` if a condition does not hold, `.invalid` for a range outside the
    ///   object; `.throttled` and `.unavailable` may be retried.
    func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject

    /// Writes `bytes` under `key` as a whole, or leaves the store as it was.
    ///
    /// - Parameter bytes: at most 5 GiB; larger objects and those of unknown length take `beginUpload`.
    /// - Throws: `.preconditionFailed` if the condition does not hold, `.integrity` if the store received other bytes.
    ///   `.throttled` and `.unavailable` may be retried; without a condition the call may be repeated blindly.
    func put(_ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions) async throws(StoreError) -> ObjectInfo

    /// Starts an object that is written in parts. Nothing is visible under `key` until `complete`.
    func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload

    /// One page of keys in ascending order of their UTF-8 bytes.
    func list(_ request: ListRequest) async throws(StoreError) -> ListPage

    /// Deletes objects; one that does not exist counts as deleted.
    ///
    /// - Parameter keys: any number; implementations cut it into what the store takes at once.
    /// - Returns: the keys that could not be deleted, with the reason of each.
    /// - Throws: if the request as a whole failed; some keys may then be gone. May be repeated.
    func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError]

    /// What this store does beyond the operations above: versions, tags, locks, copies. Wrappers hand on what the store
    /// inside them offers, under their own rules.
    var features: any StoreFeatures { get }
}

extension ObjectStore {
    /// Nothing: for stores that are only objects and keys.
    package var features: any StoreFeatures { NoStoreFeatures(location: location) }
}

/// An object that is being written in parts. Parts may be sent concurrently and in any order.
///
/// Whoever began an upload ends it, with `complete` or `abort`; an upload that was given up keeps its parts in the
/// store, unseen and paid for.
package protocol ObjectUpload: Sendable {
    /// With it the upload can be continued by another process, see `StoreFeatures.continueUpload`; nil if it cannot.
    var id: String? { get }

    /// Sends part `number`. Sending a number again replaces that part.
    ///
    /// - Parameters:
    ///   - number: 1 to 10,000.
    ///   - bytes: at least 5 MiB but for the last part; at most 5 GiB.
    func upload(_ bytes: ByteBuffer, as number: Int) async throws(StoreError) -> UploadedPart

    /// Joins the parts, in the order of their numbers, into the object.
    ///
    /// - Throws: `.preconditionFailed` if the condition that the upload began with does not hold any more.
    func complete(_ parts: [UploadedPart]) async throws(StoreError) -> ObjectInfo

    /// Gives the upload up and frees its parts. Does nothing after `complete`.
    func abort() async throws(StoreError)
}

extension ObjectUpload {
    package var id: String? { nil }
}

package struct UploadedPart: Sendable, Hashable {
    package let number: Int
    package let size: Int
    /// As the store gave it; needed to join the parts.
    package let etag: String
    /// The MD5 sum of the bytes that were sent, 16 bytes, where it was taken anyway.
    package let sum: [UInt8]?

    package init(number: Int, size: Int, etag: String, sum: [UInt8]? = nil) {
        self.number = number
        self.size = size
        self.etag = etag
        self.sum = sum
    }
}

/// What a store says of an object without its bytes.
package struct ObjectInfo: Sendable, Hashable {
    package var key: ObjectKey
    /// In bytes.
    package var size: Int64
    /// Without quotes. An opaque version of the content: equal tags mean equal bytes within one key, no more.
    package var etag: String?
    package var lastModified: Timestamp?
    package var versionID: String?
    /// Filled by `head` and `get`, not by `list`.
    package var contentType: String?
    /// User metadata, names in lower case without `x-amz-meta-`. Filled by `head` and `get`, not by `list`.
    package var metadata: [String: String]
    /// Further headers that belong to the object, by lower-case name; see `ObjectHeader`. Filled by `head` and `get`.
    package var headers: [String: String] = [:]
    /// How many tags the object has; `StoreFeatures.tags` reads them. Filled by `head` and `get`.
    package var tagCount = 0
    /// As the store names it, `STANDARD` or nil where there are none.
    package var storageClass: String?

    package init(
        key: ObjectKey, size: Int64, etag: String? = nil, lastModified: Timestamp? = nil, versionID: String? = nil,
        contentType: String? = nil, metadata: [String: String] = [:]
    ) {
        self.key = key
        self.size = size
        self.etag = etag
        self.lastModified = lastModified
        self.versionID = versionID
        self.contentType = contentType
        self.metadata = metadata
    }
}

/// An open object. `info.size` is that of the whole object, also when a range was asked for.
package struct StoredObject: Sendable {
    package let info: ObjectInfo
    package let body: ByteStream

    package init(info: ObjectInfo, body: ByteStream) {
        self.info = info
        self.body = body
    }
}

package struct GetOptions: Sendable, Hashable {
    /// The bytes to read; nil for all. An upper bound beyond the end is cut.
    package var range: Range<Int64>?
    /// Fails with `.preconditionFailed` if the object has another tag by now: keeps the parts of a large read together.
    package var ifMatch: String?
    package var versionID: String?

    package init(range: Range<Int64>? = nil, ifMatch: String? = nil, versionID: String? = nil) {
        self.range = range
        self.ifMatch = ifMatch
        self.versionID = versionID
    }
}

/// What must be true of the key for a write to happen.
package enum PutCondition: Sendable, Hashable {
    case none
    /// Nothing is there yet: makes a write safe to repeat and two writers safe from each other.
    case ifAbsent
    /// What is there has this tag.
    case ifMatch(String)
}

package struct PutOptions: Sendable, Hashable {
    package var condition: PutCondition
    package var contentType: String?
    /// Names in lower case without `x-amz-meta-`.
    package var metadata: [String: String]
    /// Further headers that belong to the object, by lower-case name, of `ObjectHeader.kept` only.
    package var headers: [String: String] = [:]
    /// At most 10 on S3. A store that keeps no tags throws `.unsupported` if there are any.
    package var tags: [String: String] = [:]
    /// Nil for the store's own choice; stores without classes leave it out.
    package var storageClass: String?
    /// Until when nobody may delete this version; a store without locks throws `.unsupported`.
    package var retention: ObjectRetention?
    /// The MD5 sum of the bytes, 16 bytes, if the caller has it from somewhere else: the store compares it with what it
    /// receives and refuses other bytes with `.integrity`. Nil lets the implementation compute it. Of puts only.
    package var contentMD5: [UInt8]?

    package init(condition: PutCondition = .none, contentType: String? = nil, metadata: [String: String] = [:]) {
        self.condition = condition
        self.contentType = contentType
        self.metadata = metadata
    }
}

package struct ListRequest: Sendable, Hashable {
    package var prefix: String
    /// With `/`, keys that have one after the prefix are folded into `commonPrefixes`.
    package var delimiter: String?
    package var startAfter: ObjectKey?
    /// From the page before.
    package var continuationToken: String?
    /// 1 to 1,000.
    package var pageSize: Int

    package init(
        prefix: String = "", delimiter: String? = nil, startAfter: ObjectKey? = nil, continuationToken: String? = nil,
        pageSize: Int = 1000
    ) {
        self.prefix = prefix
        self.delimiter = delimiter
        self.startAfter = startAfter
        self.continuationToken = continuationToken
        self.pageSize = pageSize
    }
}

package struct ListPage: Sendable, Hashable {
    package var objects: [ObjectInfo]
    package var commonPrefixes: [String]
    /// Nil on the last page.
    package var nextToken: String?

    package init(objects: [ObjectInfo], commonPrefixes: [String] = [], nextToken: String? = nil) {
        self.objects = objects
        self.commonPrefixes = commonPrefixes
        self.nextToken = nextToken
    }
}
