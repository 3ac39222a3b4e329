internal import Basics
internal import Crypto
internal import NIOCore
internal import ObjectStorage

/// The buckets of an `S3TestServer` and what requests do to them: plain data, no I/O, no clock of its own.
struct ServedWorld: Sendable {
    var buckets: [String: ServedBucket] = [:]
    /// What happened since they were last taken, in order.
    var events: [ServedEvent] = []
    /// Listings show this instead, if there is one: how stores with lagging listings look.
    var staleBuckets: [String: ServedBucket]?
    private var lastInstant: Int64 = 0
    private var lastID: UInt64 = 0

    /// The answer to `request` at the time `now`; refusals become their XML.
    mutating func answer(_ request: ServerRequest, _ operation: S3Operation, at now: Timestamp) -> ServerAnswer {
        do throws(Refusal) {
            return try perform(request, operation, at: now)
        } catch {
            return error.answer
        }
    }

    private mutating func perform(
        _ request: ServerRequest, _ operation: S3Operation, at now: Timestamp
    ) throws(Refusal) -> ServerAnswer {
        switch operation {
        case .listBuckets: return bucketList()
        case .makeBucket: return try makeBucket(request)
        case .listen: return try listen(request)
        case .list: return try list(request)
        case .listVersions: return try listVersions(request)
        case .head, .get: return try read(request)
        case .tagging, .retention: return try annotate(request, operation, at: now)
        case .listUploads, .beginUpload, .uploadPart, .listParts, .completeUpload, .abortUpload:
            return try upload(request, operation, at: now)
        default: break
        }
        guard buckets[request.bucket] != nil else { throw .noBucket }
        switch operation {
        case .headBucket: return ServerAnswer()
        case .removeBucket:
            guard buckets[request.bucket]?.keys.isEmpty == true else {
                throw Refusal(status: 409, code: "BucketNotEmpty")
            }
            buckets[request.bucket] = nil
            return ServerAnswer(status: 204)
        case .bucketSettings: return try bucketSettings(request)
        case .put: return try put(request, at: now)
        case .copy: return try copy(request, at: now)
        case .delete: return try delete(request, at: now)
        case .deleteMany: return try deleteMany(request, at: now)
        default: throw Refusal(status: 501, code: "NotImplemented")
        }
    }

    /// An instant of its own for each change: the server's clock, or a nanosecond after the last change.
    mutating func instant(_ now: Timestamp) -> Timestamp {
        lastInstant = max(lastInstant + 1, now.seconds * 1_000_000_000 + Int64(now.nanoseconds))
        return Timestamp(seconds: lastInstant / 1_000_000_000, nanoseconds: Int32(lastInstant % 1_000_000_000))
    }

    mutating func freshID() -> String {
        lastID += 1
        return "v" + Hex.encode((0..<8).map { UInt8(truncatingIfNeeded: lastID >> (56 - 8 * $0)) })
    }

    /// Tells listeners; `version` is what is there now, or what was removed.
    mutating func tell(
        _ name: String, _ key: ObjectKey, in bucket: String, _ version: ServedVersion?, _ time: Timestamp
    ) {
        var event = ServedEvent(
            bucket: bucket, name: name, key: key.text, time: time,
            sequence: time.seconds * 1_000_000_000 + Int64(time.nanoseconds))
        if let version, !version.isMarker, name.hasPrefix("s3:ObjectCreated") {
            event.size = version.bytes.readableBytes
            event.etag = version.etag
        }
        event.versionID = version.map { $0.id == "null" ? "" : $0.id }
        events.append(event)
    }

    /// Adds a version, and tells.
    mutating func write(
        _ version: ServedVersion, at key: ObjectKey, in bucket: String, event: String, _ now: Timestamp
    ) -> ServedVersion {
        var version = version
        version.modified = instant(now)
        let id = freshID()
        guard let written = buckets[bucket]?.write(version, at: key, freshID: id) else { return version }
        tell(event, key, in: bucket, written, written.modified)
        return written
    }

    private func listen(_ request: ServerRequest) throws(Refusal) -> ServerAnswer {
        guard request.bucket.isEmpty || buckets[request.bucket] != nil else { throw .noBucket }
        let ping = request.parameter("ping").map { Int($0) ?? 0 }
        guard ping.map({ $0 >= 1 }) ?? true else { throw .argument("ping") }
        var answer = ServerAnswer()
        answer.set("content-type", "text/event-stream")
        answer.set("cache-control", "no-cache")
        answer.listening = Listening(
            bucket: request.bucket, prefix: request.parameter("prefix") ?? "",
            suffix: request.parameter("suffix") ?? "",
            events: request.query.filter { $0.name == "events" }.map(\.value), ping: ping)
        return answer
    }
}

extension ByteBuffer {
    var md5: String { Hex.encode(md5Bytes) }
    var md5Bytes: [UInt8] { withUnsafeReadableBytes { Array(Insecure.MD5.hash(data: $0)) } }
    var sha256: String { Hex.encode(withUnsafeReadableBytes { Array(SHA256.hash(data: $0)) }) }
}
