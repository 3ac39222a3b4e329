import HTTPTypes
import ObjectStorage
import Synchronization

/// Compares the tag that a store gives with the MD5 sum of what was sent, on stores whose tags are MD5 sums.
///
/// Whether they are is learnt from the first write: `Content-MD5` already proves every write to the store, so a first tag
/// that differs means that this store makes its tags in another way, and tags are not compared any more.
final class TagObserver: Sendable {
    private enum Habit { case unknown, digests, other }

    private let habit = Mutex(Habit.unknown)

    /// The tag of `head`.
    /// - Throws: `.integrity` if it is another than on all writes before.
    func checked(
        _ head: HTTPResponse, against digest: ContentDigest, _ doing: @autoclosure () -> String
    ) throws(StoreError) -> String? {
        guard let tag = head.headerFields[.eTag].flatMap(ETag.read) else { return nil }
        let encryption = head.headerFields[.amzEncryption]
        let isEncrypted =
            encryption == "aws:kms" || encryption == "aws:kms:dsse" || head.headerFields[.amzCustomerAlgorithm] != nil
        guard !isEncrypted, ETag.isDigest(tag) else { return tag }
        let hex = digest.hex
        let isEqual = tag == hex || tag.lowercased() == hex
        let isWrong = habit.withLock { habit in
            if habit == .unknown { habit = isEqual ? .digests : .other }
            return habit == .digests && !isEqual
        }
        if isWrong {
            throw StoreError(.integrity, "\(doing()): the store has '\(tag)', '\(digest.hex)' was sent")
        }
        return tag
    }
}
