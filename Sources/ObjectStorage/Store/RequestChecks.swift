import Basics
import NIOCore

extension Range<Int64> {
    /// The range cut to an object of `size` bytes.
    /// - Throws: `.invalid` if it is empty or begins at or behind the end, as S3's `InvalidRange`.
    func checked(
        against size: Int64, of key: ObjectKey, in location: String
    ) throws(StoreError) -> Range<Int64> {
        guard lowerBound >= 0, lowerBound < upperBound, lowerBound < size else {
            throw StoreError(
                .invalid, "bytes \(lowerBound)..<\(upperBound) lie outside '\(key)' of \(size) bytes in \(location)")
        }
        return lowerBound..<Swift.min(upperBound, size)
    }
}

extension PutCondition {
    /// Why a write must not happen where `tag` is the tag of what is there now, nil if nothing is; nil if it may.
    func refusal(for key: ObjectKey, tag: String?, in location: String) -> StoreError? {
        switch self {
        case .none: nil
        case .ifAbsent where tag == nil: nil
        case .ifAbsent: StoreError(.preconditionFailed, "'\(key)' in \(location) exists already")
        case .ifMatch(let wanted) where wanted == tag: nil
        case .ifMatch(let wanted):
            StoreError(
                .preconditionFailed, "'\(key)' in \(location) is not at tag '\(wanted)' but \(tag ?? "absent")")
        }
    }
}

/// - Throws: `.invalid` for a number outside 1 to 10,000.
package func checkPartNumber(_ number: Int, of key: ObjectKey) throws(StoreError) {
    guard (1...10_000).contains(number) else {
        throw StoreError(.invalid, "part \(number) of '\(key)': parts are numbered 1 to 10,000")
    }
}

/// - Throws: `.invalid` unless there is a part and the numbers ascend.
package func checkJoin(_ parts: [UploadedPart], of key: ObjectKey) throws(StoreError) {
    guard !parts.isEmpty, zip(parts, parts.dropFirst()).allSatisfy({ $0.number < $1.number }) else {
        throw StoreError(.invalid, "the parts of '\(key)' must be one or more, in ascending order of their numbers")
    }
}

extension ByteBuffer {
    /// The readable bytes cut into slices of at most `size` bytes; no bytes are copied.
    func chunks(of size: Int) -> [ByteBuffer] {
        var rest = self
        var chunks: [ByteBuffer] = []
        while rest.readableBytes > 0, let chunk = rest.readSlice(length: Swift.min(size, rest.readableBytes)) {
            chunks.append(chunk)
        }
        return chunks
    }
}
