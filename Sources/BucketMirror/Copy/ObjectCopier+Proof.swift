import Basics
import NIOCore
import ObjectStorage
import Synchronization

/// Six, since a broken part on the way may damage the same place again and again. A store whose tags are no sums pays them
/// for its first objects only; a store with both kinds of tags for each object of the rarer kind.
private let rereadings = 6

/// How it is known that what was written is what the source has.
extension ObjectCopier {
    /// Compares what the bytes sum up to with what the tag of the source says of them.
    ///
    /// - Parameters:
    ///   - sums: of parts; a single one may be of the whole.
    ///   - sizes: of those parts.
    /// - Throws: `.integrity` if they were damaged on the way here.
    func prove(
        _ sums: [[UInt8]], of sizes: [Int64], _ info: ObjectInfo, _ orders: CopyOrders
    ) async throws(CopyFailure) {
        let tag = info.etag?.lowercased()
        let isWhole = ContentTag(tag) == .digest
        guard tag != (isWhole ? sums.first.map { Hex.encode($0) } : MD5Sum.joinedTag(ofSums: sums)) else { return }
        try await confirm(sums, of: sizes, info, damaged(info), orders)
    }

    /// The bytes do not fit the tag. Either they were damaged on the way here, or the tag is no MD5 sum (an encrypted
    /// object's is none): the latter only if each of `rereadings` gives the same bytes.
    /// - Throws: the failure, if nobody can say that.
    func confirm(
        _ sums: [[UInt8]], of sizes: [Int64], _ info: ObjectInfo, _ failure: CopyFailure, _ orders: CopyOrders
    ) async throws(CopyFailure) {
        if orders.tagIsSum { throw failure }
        for _ in 0..<rereadings {
            guard try await reread(info, sizes) == sums else { throw failure }
        }
        // Where tags were seen to be sums, this object is an exception; else they never are.
        if !honest.load(ordering: .relaxed) { doubtful.store(true, ordering: .relaxed) }
    }

    /// The sums of the object's parts, read once more, chunk by chunk; nil if it is another now.
    private func reread(_ info: ObjectInfo, _ sizes: [Int64]) async throws(CopyFailure) -> [[UInt8]]? {
        let same = GetOptions(ifMatch: info.etag, versionID: info.versionID)
        guard let again = try await getIfPresent(info.key, options: same) else { return nil }
        var sums = PartSums(sizes: sizes)
        do {
            for try await chunk in again.body { sums.update(chunk) }
        } catch {
            throw CopyFailure(.read, StoreError(error, while: "reading '\(info.key)' from \(source.location)"))
        }
        return sums.finish()
    }

    /// An object of one part has the sum of the sum as its tag: proven here, since the copy's tag will be another.
    /// - Returns: the sum.
    func proveSinglePart(
        _ bytes: ByteBuffer, _ info: ObjectInfo, _ orders: CopyOrders
    ) async throws(CopyFailure) -> [UInt8] {
        let sum = MD5Sum.of(bytes)
        try await prove([sum], of: [info.size], info, orders)
        return sum
    }

    /// - Parameter tagIsSum: the source's tag counts as the sum of the bytes, and was sent as such.
    /// - Throws: `.integrity` if the target shows nothing, and the bytes were damaged on the way here: they are written again.
    func finish(
        _ info: ObjectInfo, _ written: ObjectInfo, _ bytes: ByteBuffer, _ orders: CopyOrders, tagIsSum: Bool
    ) async throws(CopyFailure) -> Copy {
        guard tagIsSum else { return Copy(source: info, target: written) }
        if info.etag == written.etag {
            honest.store(true, ordering: .relaxed)
        } else {
            opaque.store(true, ordering: .relaxed)
            try await prove([MD5Sum.of(bytes)], of: [info.size], info, orders)
        }
        return Copy(source: info, target: written)
    }

    func damaged(_ info: ObjectInfo) -> CopyFailure {
        CopyFailure(.read, StoreError(.integrity, "'\(info.key)' from \(source.location) does not fit its tag"))
    }
}

/// Takes the sum of a stream that somebody else reads.
final class StreamWitness: Sendable {
    private let sums: Mutex<PartSums>

    init(size: Int64) { sums = Mutex(PartSums(sizes: [size])) }

    /// `body`, watched; to be read once.
    func watch(_ body: ByteStream) -> ByteStream {
        ByteStream {
            var iterator = body.makeAsyncIterator()
            return {
                let chunk = try await iterator.next()
                if let chunk { self.sums.withLock { $0.update(chunk) } }
                return chunk
            }
        }
    }

    /// Of the whole stream; nil if it had not the size that it was to have.
    var sum: [UInt8]? { sums.withLock { $0.finish()?.first } }
}
