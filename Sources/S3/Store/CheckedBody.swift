import Basics
import NIOCore
import ObjectStorage

/// A body that must have exactly the length that was promised.
struct CheckedBody: Sendable {
    let length: Int64
    let doing: @Sendable () -> String

    /// The chunks of `body`; throws `.integrity` where they are fewer or more than promised.
    func stream(_ body: ByteStream) -> ByteStream {
        ByteStream {
            var iterator = body.makeAsyncIterator()
            var received: Int64 = 0
            return {
                let chunk: ByteBuffer?
                do {
                    chunk = try await iterator.next()
                } catch {
                    throw StoreError(transfer: error, doing())
                }
                received += Int64(chunk?.readableBytes ?? 0)
                guard chunk == nil ? received == length : received <= length else {
                    throw StoreError(
                        .integrity, "\(doing()): \(received) bytes arrived, \(length) were promised")
                }
                return chunk
            }
        }
    }
}
