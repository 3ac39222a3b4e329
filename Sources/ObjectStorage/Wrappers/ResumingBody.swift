import Basics
import NIOCore

/// Continues a body that broke: asks for the bytes behind the last one, of the same version of the object.
struct ResumingBody: Sendable {
    let base: any ObjectStore
    let loop: RetryLoop
    let info: ObjectInfo
    let options: GetOptions

    func stream(from first: ByteStream) -> ByteStream {
        ByteStream {
            var iterator = first.makeAsyncIterator()
            var position = options.range?.lowerBound ?? 0
            var resumes = 0
            return {
                while true {
                    do {
                        let chunk = try await iterator.next()
                        position += Int64(chunk?.readableBytes ?? 0)
                        return chunk
                    } catch {
                        let error = StoreError(error, while: "reading '\(info.key)' from \(base.location)")
                        guard error.isTemporary, resumes < loop.policy.resumes, let tag = info.etag else { throw error }
                        resumes += 1
                        guard let body = try await rest(from: position, tag: tag) else { return nil }
                        iterator = body.makeAsyncIterator()
                    }
                }
            }
        }
    }

    /// The body from `position`; nil if nothing is missing.
    private func rest(from position: Int64, tag: String) async throws(StoreError) -> ByteStream? {
        let end = min(options.range?.upperBound ?? info.size, info.size)
        guard position < end else { return nil }
        var options = options
        options.range = position..<end
        options.ifMatch = tag
        let again = options
        return try await loop.run { () throws(StoreError) in try await base.get(info.key, options: again) }.body
    }
}
