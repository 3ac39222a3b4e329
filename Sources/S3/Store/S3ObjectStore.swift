package import Basics
import HTTPTypes
package import NIOCore
package import ObjectStorage
package import Transport

/// A bucket behind the S3 protocol: Amazon S3, MinIO, SeaweedFS, Ceph and others.
///
/// Requests carry a whole body with its length, signed by Signature Version 4, with `Content-MD5`: no chunked signing and
/// no trailing checksums, which servers other than Amazon's refuse or store as if they were data. It repeats nothing by
/// itself but what it could repair (see `S3Client`); wrap it in a `RetryingStore`.
///
/// Keys with a segment `.` or `..` are refused (`.unsupported`): some server or proxy would resolve them. A server that
/// ignores the condition of a write is not noticed here; see `ObjectStore.honoursConditions`.
package final class S3ObjectStore: ObjectStore {
    package let location: String
    let client: S3Client
    let tags = TagObserver()
    let deletion = DeletionMode()

    /// - Parameters:
    ///   - transport: should wait no longer for connections than a request may take.
    ///   - clock: the time of signatures; if it differs from the store's by more than 15 minutes, the store's is used.
    /// - Throws: `.invalid` for an impossible endpoint or bucket name.
    package init(
        _ configuration: S3Configuration, transport: any HTTPTransport, clock: WallClock
    ) throws(StoreError) {
        guard !configuration.bucket.isEmpty else { throw StoreError(.invalid, "a store without the name of a bucket") }
        client = try S3Client(configuration, transport: transport, clock: clock)
        location = client.location
    }

    package func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo {
        let request = S3Request(.head, key)
        return try ObjectInfo(key, try await client.sendForHead(request), client.describe(request))
    }

    package func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        var request = S3Request(.get, key)
        if let version = options.versionID { request.query.add("versionId", version) }
        if let tag = options.ifMatch { request.headers[.ifMatch] = ETag.quoted(tag) }
        if let range = options.range {
            guard range.lowerBound >= 0, !range.isEmpty else {
                throw StoreError(.invalid, "\(client.describe(request)): no bytes in \(range)")
            }
            request.headers[.range] = "bytes=\(range.lowerBound)-\(range.upperBound - 1)"
        }
        let response = try await client.send(request)
        let info = try ObjectInfo(key, response.head, client.describe(request))
        let length = try expectedLength(response.head, info, options.range, client.describe(request))
        // Made into text only where something goes wrong: this is the path of every small object.
        let body = CheckedBody(length: length, doing: { [client, request] in client.describe(request) })
        return StoredObject(info: info, body: body.stream(response.body))
    }

    package func put(
        _ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions
    ) async throws(StoreError) -> ObjectInfo {
        var request = S3Request(.put, key)
        request.headers = try writeHeaders(options)
        options.condition.write(to: &request.headers)
        let digest = options.contentMD5.map(ContentDigest.init(bytes:)) ?? ContentDigest(bytes)
        request.headers[.contentMD5] = digest.base64
        request.body = bytes
        let head = try await client.sendForHead(request)
        let tag = try tags.checked(head, against: digest, client.describe(request))
        return info(key, head, size: Int64(bytes.readableBytes), tag: tag, options)
    }

    package var features: any StoreFeatures { S3Features(store: self) }

    /// What is known of an object that was just written.
    func info(
        _ key: ObjectKey, _ head: HTTPResponse, size: Int64, tag: String?, _ options: PutOptions
    ) -> ObjectInfo {
        var info = ObjectInfo(
            key: key, size: size, etag: tag, versionID: head.headerFields[.amzVersionID],
            contentType: options.contentType, metadata: options.metadata)
        info.headers = options.headers
        info.tagCount = options.tags.count
        info.storageClass = options.storageClass
        return info
    }

    package func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload {
        var request = S3Request(.post, key, query: [("uploads", "")])
        request.headers = try writeHeaders(options)
        let answer = try await client.sendForXML(request)
        guard let id = answer["UploadId"], !id.isEmpty else {
            throw StoreError(.invalid, "\(client.describe(request)): an upload began without an id")
        }
        return S3Upload(client: client, tags: tags, key: key, uploadID: id, options: options)
    }

    package func list(_ request: ListRequest) async throws(StoreError) -> ListPage {
        guard (1...1000).contains(request.pageSize) else {
            throw StoreError(.invalid, "a page holds 1 to 1000 keys, not \(request.pageSize)")
        }
        var sent = S3Request(
            .get,
            query: [
                // Keys may hold characters that XML cannot.
                ("list-type", "2"), ("encoding-type", "url"), ("max-keys", "\(request.pageSize)"),
                ("prefix", request.prefix),
            ])
        if let delimiter = request.delimiter { sent.query.add("delimiter", delimiter) }
        switch request.continuationToken.map(ListToken.init) {
        case nil: if let start = request.startAfter { sent.query.add("start-after", start.text) }
        case .store(let token): sent.query.add("continuation-token", token)
        case .key(let key): sent.query.add("start-after", key)
        }
        var page = try ListAnswer.page(try await client.sendForXML(sent), location, prefix: request.prefix)
        if let token = page.nextToken {
            page.nextToken = try ListToken(following: page, token: token, request, location).text
        } else {
            page.nextToken = ListToken(behindLast: page, request)?.text
        }
        return page
    }

    /// A URL that lets whoever has it read `key` without credentials for `lifetime`, 1 second to 7 days. Nothing is asked
    /// of the store: the object may not exist. A secret.
    ///
    /// - Throws: `.invalid` for another lifetime; `.unauthorized` without credentials.
    package func presignedURL(for key: ObjectKey, lifetime: Duration) async throws(StoreError) -> Secret {
        guard lifetime >= .seconds(1), lifetime <= .seconds(604_800) else {
            throw StoreError(.invalid, "a presigned URL lives 1 second to 7 days, not \(lifetime)")
        }
        return try await client.presign(.get, key, lifetime: lifetime)
    }

    /// The same for writing `key` by PUT.
    package func presignedUpload(to key: ObjectKey, lifetime: Duration) async throws(StoreError) -> Secret {
        guard lifetime >= .seconds(1), lifetime <= .seconds(604_800) else {
            throw StoreError(.invalid, "a presigned URL lives 1 second to 7 days, not \(lifetime)")
        }
        return try await client.presign(.put, key, lifetime: lifetime)
    }

    /// The headers of a write but for its condition.
    func writeHeaders(_ options: PutOptions) throws(StoreError) -> HTTPFields {
        var headers = HTTPFields()
        headers[.contentType] = options.contentType ?? "application/octet-stream"
        if !options.metadata.isEmpty { try Metadata.write(options.metadata, to: &headers) }
        if !options.headers.isEmpty { try ObjectHeaders.write(options.headers, to: &headers) }
        if !options.tags.isEmpty {
            let pairs = options.tags.sorted { $0.key < $1.key }
            headers[.amzTagging] = pairs.map { "\(PercentEncoding.encode($0))=\(PercentEncoding.encode($1))" }
                .joined(separator: "&")
        }
        if let retention = options.retention {
            headers[.amzLockMode] = retention.mode.rawValue
            headers[.amzLockUntil] = retention.until.description
        }
        writeStoreHeaders(options.storageClass, to: &headers)
        return headers
    }

    /// What this store is configured to say with each write.
    func writeStoreHeaders(_ storageClass: String?, to headers: inout HTTPFields) {
        switch client.configuration.encryption {
        case nil: break
        case .storeKeys: headers[.amzEncryption] = "AES256"
        case .managedKey(let id):
            headers[.amzEncryption] = "aws:kms"
            headers[.amzEncryptionKey] = id
        }
        if let tagging = client.configuration.tagging, headers[.amzTagging] == nil { headers[.amzTagging] = tagging }
        if let storageClass = storageClass ?? client.configuration.storageClass {
            headers[.amzStorageClass] = storageClass
        }
    }

    /// How many bytes the body must have.
    private func expectedLength(
        _ head: HTTPResponse, _ info: ObjectInfo, _ range: Range<Int64>?, _ doing: @autoclosure () -> String
    ) throws(StoreError) -> Int64 {
        guard let range else { return info.size }
        let wanted = range.clamped(to: 0..<info.size)
        let answered = ContentRange(head)
        // A server may answer with the whole object if that is what the range asks for.
        if answered == nil, wanted == 0..<info.size { return info.size }
        guard answered?.range == wanted else {
            let outside = range.lowerBound >= info.size
            throw StoreError(
                outside ? .invalid : .unsupported,
                "\(doing()): asked for bytes \(range) of \(info.size), which the answer does not hold")
        }
        return Int64(wanted.count)
    }
}

extension PutCondition {
    func write(to headers: inout HTTPFields) {
        switch self {
        case .none: break
        case .ifAbsent: headers[.ifNoneMatch] = "*"
        case .ifMatch(let tag): headers[.ifMatch] = ETag.quoted(tag)
        }
    }
}
