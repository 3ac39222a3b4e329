import Basics
import NIOCore
import ObjectStorage
import Synchronization

/// Copies single objects with proof. Whatever it writes is a whole state that the source really had.
///
/// A small object costs two requests: the body is read from the answer that names its size and tag, and written with that
/// tag as its MD5 sum where tags are sums, so that the target itself compares what it received with what the source had.
/// Memory: what the budget allows.
final class ObjectCopier: Sendable {
    let source: any ObjectStore
    let target: any ObjectStore
    let options: MirrorOptions
    let budget: ByteBudget
    let attributes: CopyAttributes
    let uploads: (any UploadMemory)?
    /// Both sides gave MD5 sums as tags so far.
    let honest = Atomic(false)
    /// A tag of the source that looked like an MD5 sum was none: encrypted objects.
    let doubtful = Atomic(false)
    /// The target makes its tags in another way.
    let opaque = Atomic(false)
    private let restarts = Atomic(0)
    private let lost = Atomic(0)

    init(
        source: any ObjectStore, target: any ObjectStore, options: MirrorOptions, wallClock: WallClock,
        uploads: (any UploadMemory)? = nil
    ) {
        self.source = source
        self.target = target
        self.options = options
        self.uploads = uploads
        budget = ByteBudget(options.memory)
        attributes = CopyAttributes(options: options, wallClock: wallClock)
    }

    /// Whether tags were seen to be MD5 sums on both sides, and never not.
    var tagsAreDigests: Bool {
        honest.load(ordering: .relaxed) && !doubtful.load(ordering: .relaxed) && !targetIsOpaque
    }

    /// Whether the tags of copies are known to say nothing: a folder's, for one.
    var targetIsOpaque: Bool { opaque.load(ordering: .relaxed) || !target.features.offers(.partSizes) }

    /// How many writes failed without saying whether they happened.
    var uncertain: Int { lost.load(ordering: .relaxed) }

    /// How often an object had to be begun again.
    var restarted: Int { restarts.load(ordering: .relaxed) }

    /// Copies the present state of `key`.
    ///
    /// - Parameters:
    ///   - expected: what is believed to be there; only chooses the way.
    ///   - origin: where it lies at the source, if that is not `key` itself.
    func copy(
        _ key: ObjectKey, expected: ObjectInfo?, from origin: ObjectOrigin? = nil, orders: CopyOrders = CopyOrders()
    ) async throws(CopyFailure) -> CopyResult {
        let origin = origin ?? ObjectOrigin(key: key)
        var attempt = 1
        while true {  // Ends after `tries`.
            do throws(CopyFailure) {
                let expected = attempt == 1 ? expected : nil
                return try await copyOnce(key, origin, orders, expected: expected, isFirst: attempt == 1)
            } catch {
                if error.side == .target, error.doing == .write, error.error.code != .preconditionFailed {
                    lost.add(1, ordering: .relaxed)
                }
                guard error.asksForRestart, attempt < options.tries else { throw error }
                restarts.add(1, ordering: .relaxed)
                attempt += 1
            }
        }
    }

    private func copyOnce(
        _ key: ObjectKey, _ origin: ObjectOrigin, _ orders: CopyOrders, expected: ObjectInfo?, isFirst: Bool
    ) async throws(CopyFailure) -> CopyResult {
        if let expected, expected.size > options.largeObject.bytes, !streams(expected), origin.versionID == nil {
            guard let info = try await headIfPresent(origin.key) else { return .vanished }
            try orders.check(info)
            if orders.isKnown(info) { return .unchanged }
            return .copied(try await copyInParts(info, to: key, orders))
        }
        let reservation = await budget.reserve(min(expected?.size ?? 0, options.largeObject.bytes))
        defer { withExtendedLifetime(reservation) {} }
        let wanted = GetOptions(versionID: origin.versionID)
        guard var object = try await getIfPresent(origin.key, options: wanted) else { return .vanished }
        if let version = origin.versionID, object.info.versionID == nil {
            var info = object.info
            info.versionID = version
            object = StoredObject(info: info, body: object.body)
        }
        try orders.check(object.info)
        if orders.isKnown(object.info) { return .unchanged }
        if object.info.size <= options.largeObject.bytes, !needsParts(object.info) {
            return .copied(try await copyWhole(object, to: key, orders))
        }
        if isFirst, streams(object.info) { return .copied(try await copyStream(object, to: key, orders)) }
        return .copied(try await copyInParts(object.info, to: key, orders))
    }

    // MARK: The three ways

    private func copyWhole(
        _ object: StoredObject, to key: ObjectKey, _ orders: CopyOrders
    ) async throws(CopyFailure) -> Copy {
        let info = object.info
        let bytes = try await collect(object, length: info.size)
        let tags = try await tags(of: info)
        var isDigest = ContentTag(info.etag) == .digest && !doubtful.load(ordering: .relaxed)
        let isProven = isDigest && !orders.stamps && !targetIsOpaque
        var put = attributes.putOptions(for: info, tags: tags, isProven: isProven)
        if isDigest { put.contentMD5 = info.etag.flatMap { Hex.decode($0) } }
        if ContentTag(info.etag) == .joined(parts: 1), !doubtful.load(ordering: .relaxed) {
            put.contentMD5 = try await proveSinglePart(bytes, info, orders)
        }
        try await orders.prepare()
        let written: ObjectInfo
        do throws(CopyFailure) {
            written = try await write(bytes, key, put)
        } catch {
            guard error.error.code == .integrity, isDigest else { throw error }
            let sum = MD5Sum.of(bytes)
            // They were damaged on the way to the target.
            if Hex.encode(sum) == info.etag?.lowercased() { throw error }
            try await confirm([sum], of: [info.size], info, error, orders)
            isDigest = false
            put = attributes.putOptions(for: info, tags: tags, isProven: false)
            written = try await write(bytes, key, put)
        }
        return try await finish(info, written, bytes, orders, tagIsSum: isDigest)
    }

    /// Straight through, one chunk in memory; the tag of the source is the proof that the target asks for. Where the target
    /// shows no such tag the sum is taken on the way; the first time, when that is not yet known, it is sent again in parts.
    private func copyStream(
        _ object: StoredObject, to key: ObjectKey, _ orders: CopyOrders
    ) async throws(CopyFailure) -> Copy {
        let info = object.info
        var put = attributes.putOptions(for: info, tags: try await tags(of: info), isProven: true)
        put.contentMD5 = info.etag.flatMap { Hex.decode($0) }
        try await orders.prepare()
        let witness = targetIsOpaque ? StreamWitness(size: info.size) : nil
        let written: ObjectInfo
        do {
            let body = witness?.watch(object.body) ?? object.body
            written = try await target.features.put(body, size: info.size, at: key, options: put)
        } catch {
            // A stream cannot be sent twice: the next try goes in parts.
            throw CopyFailure(
                .write, StoreError(.integrity, "streaming '\(info.key)' to \(target.location) failed", cause: error))
        }
        if written.etag == info.etag {
            honest.store(true, ordering: .relaxed)
        } else {
            opaque.store(true, ordering: .relaxed)
            guard witness?.sum.map({ Hex.encode($0) }) == info.etag?.lowercased() else { throw damaged(info) }
        }
        return Copy(source: info, target: written)
    }

    // MARK: Requests

    func getIfPresent(
        _ key: ObjectKey, options: GetOptions = GetOptions()
    ) async throws(CopyFailure) -> StoredObject? {
        do throws(StoreError) {
            return try await source.get(key, options: options)
        } catch {
            if error.code == .notFound { return nil }
            throw CopyFailure(.read, error)
        }
    }

    private func headIfPresent(_ key: ObjectKey) async throws(CopyFailure) -> ObjectInfo? {
        do throws(StoreError) {
            return try await source.head(key)
        } catch {
            if error.code == .notFound { return nil }
            throw CopyFailure(.read, error)
        }
    }

    func write(_ bytes: ByteBuffer, _ key: ObjectKey, _ put: PutOptions) async throws(CopyFailure) -> ObjectInfo {
        do throws(StoreError) {
            return try await target.put(bytes, at: key, options: put)
        } catch {
            throw CopyFailure(.write, error)
        }
    }

    /// The tags that the copy gets; asked for only when the source says that there are any.
    func tags(of info: ObjectInfo) async throws(CopyFailure) -> [String: String] {
        guard info.tagCount > 0, options.copiesTags, target.features.offers(.tags) else { return [:] }
        do throws(StoreError) {
            return try await source.features.tags(of: info.key, versionID: info.versionID)
        } catch {
            if error.code == .notFound { throw CopyFailure(.read, changed(info)) }
            throw CopyFailure(.read, error)
        }
    }

    /// The whole body, without a copy where it came in one piece.
    ///
    /// - Parameter length: of the body, which may be a range of the object.
    func collect(_ object: StoredObject, length: Int64) async throws(CopyFailure) -> ByteBuffer {
        do {
            var iterator = object.body.makeAsyncIterator()
            guard var whole = try await iterator.next() else { return ByteBuffer() }
            while var chunk = try await iterator.next() {
                let missing = Int(length) - whole.readableBytes
                if missing > 0, whole.writableBytes < chunk.readableBytes {
                    whole.reserveCapacity(minimumWritableBytes: missing)
                }
                whole.writeBuffer(&chunk)
            }
            return whole
        } catch {
            let error = StoreError(error, while: "reading '\(object.info.key)' from \(source.location)")
            throw CopyFailure(.read, error)
        }
    }

    func changed(_ info: ObjectInfo) -> StoreError {
        StoreError(.preconditionFailed, "'\(info.key)' in \(source.location) changed while it was copied")
    }

    // MARK: Choices

    /// Whether an object of this size and tag goes through in one stream.
    private func streams(_ info: ObjectInfo) -> Bool {
        ContentTag(info.etag) == .digest && info.size <= ObjectCopier.largestPut
            && !doubtful.load(ordering: .relaxed) && target.features.offers(.streamedPuts)
    }

    /// Whether the tags of both sides can only agree if the copy has parts too. One part of a small object is not worth
    /// three requests: its proof is made here.
    private func needsParts(_ info: ObjectInfo) -> Bool {
        guard case .joined(let parts) = ContentTag(info.etag), target.features.offers(.partSizes) else { return false }
        return parts > 1
    }

    /// Source: Amazon S3 User Guide, "Uploading objects": 5 GiB in a single operation.
    static let largestPut: Int64 = 5 << 30
}
