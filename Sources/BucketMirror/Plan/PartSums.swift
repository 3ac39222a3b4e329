import Crypto
package import NIOCore

/// Takes the MD5 sums of the parts of an object while its bytes come by, in order. Memory: a sum for each part. Pure.
package struct PartSums: Sendable {
    private let sizes: [Int64]
    private var sums: [[UInt8]] = []
    private var hash = Insecure.MD5()
    /// Of the part that is being summed.
    private var length: Int64 = 0
    private var isTooLong = false

    /// - Parameter sizes: of the parts in order, none of them negative; one for the sum of the whole.
    package init(sizes: [Int64]) { self.sizes = sizes }

    package mutating func update(_ chunk: ByteBuffer) {
        var chunk = chunk
        while chunk.readableBytes > 0 {
            guard sums.count < sizes.count else { return isTooLong = true }
            let missing = sizes[sums.count] - length
            let piece = chunk.readSlice(length: Int(min(missing, Int64(chunk.readableBytes)))) ?? ByteBuffer()
            piece.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
            length += Int64(piece.readableBytes)
            closeFullParts()
        }
    }

    /// - Returns: the sum of each part; nil if there were more or fewer bytes than the parts have together.
    package func finish() -> [[UInt8]]? {
        var ended = self
        ended.closeFullParts()
        return ended.sums.count == sizes.count && !isTooLong ? ended.sums : nil
    }

    private mutating func closeFullParts() {
        while sums.count < sizes.count, length == sizes[sums.count] {
            sums.append(Array(hash.finalize()))
            hash = Insecure.MD5()
            length = 0
        }
    }
}
