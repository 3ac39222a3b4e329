import Basics
import NIOCore
import ObjectStorage
import Synchronization

/// Six, since a broken part on the way may damage the same place again and again. A store whose tags are no sums pays them
/// for its first objects only; a store with both kinds of tags for each object of the rarer kind.
private let rereadings = 6

/// How it is known that what was written is what the source has.
extension ObjectCopier {
    /// The bytes do not fit the tag. Either they were damaged on the way here, or the tag is no MD5 sum (an encrypted
    /// object's is none): the latter only if each of `rereadings` gives the same bytes.
    /// - Throws: the failure, if nobody can say that.
    func confirm(
        _ sum: [UInt8], _ info: ObjectInfo, _ failure: CopyFailure, _ orders: CopyOrders
    ) async throws(CopyFailure) {
        if orders.tagIsSum { throw failure }
        for _ in 0..<rereadings {
            let same = GetOptions(ifMatch: info.etag, versionID: info.versionID)
            guard let again = try await getIfPresent(info.key, options: same),
                MD5Sum.of(try await collect(again, length: info.size)) == sum
            else { throw failure }
        }
        // Where tags were seen to be sums, this object is an exception; else they never are.
        if !honest.load(ordering: .relaxed) { doubtful.store(true, ordering: .relaxed) }
    }

    /// An object of one part has the sum of the sum as its tag: proven here, since the copy's tag will be another.
    /// - Returns: the sum.
    func proveSinglePart(
        _ bytes: ByteBuffer, _ info: ObjectInfo, _ orders: CopyOrders
    ) async throws(CopyFailure) -> [UInt8] {
        let sum = MD5Sum.of(bytes)
        guard MD5Sum.joinedTag(ofParts: [bytes]) != info.etag?.lowercased() else { return sum }
        let damaged = StoreError(.integrity, "'\(info.key)' from \(source.location) does not fit its tag")
        try await confirm(sum, info, CopyFailure(.read, damaged), orders)
        return sum
    }

    /// - Parameter tagIsSum: the source's tag counts as the sum of the bytes, and was sent as such.
    /// - Throws: `.integrity` if the target shows nothing, and the bytes were damaged on the way here: they are written again.
    func finish(
        _ info: ObjectInfo, _ written: ObjectInfo, _ bytes: ByteBuffer, _ orders: CopyOrders, tagIsSum: Bool
    ) async throws(CopyFailure) -> Copy {
        guard tagIsSum else { return Copy(source: info, target: written, tagsAgree: false) }
        if info.etag == written.etag {
            honest.store(true, ordering: .relaxed)
            return Copy(source: info, target: written, tagsAgree: true)
        }
        opaque.store(true, ordering: .relaxed)
        let sum = MD5Sum.of(bytes)
        if Hex.encode(sum) != info.etag?.lowercased() {
            let damaged = StoreError(.integrity, "'\(info.key)' from \(source.location) does not fit its tag")
            try await confirm(sum, info, CopyFailure(.read, damaged), orders)
        }
        return Copy(source: info, target: written, tagsAgree: false)
    }
}
