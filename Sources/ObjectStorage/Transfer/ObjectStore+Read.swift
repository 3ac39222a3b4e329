package import Basics
package import NIOCore

extension ObjectStore {
    /// Reads a small object whole.
    ///
    /// - Parameter limit: the most bytes that are kept in memory.
    /// - Throws: `.limitExceeded` if the object is larger, before its body is read if the store told its size; otherwise
    ///   as `get` and its body.
    package func read(
        _ key: ObjectKey, limit: ByteCount, options: GetOptions = GetOptions()
    ) async throws(StoreError) -> ByteBuffer {
        let object = try await get(key, options: options)
        let size = object.info.size
        if options.range == nil, size > limit.bytes { throw tooLarge(key, size: ByteCount(size), limit: limit) }
        do {
            var whole = ByteBuffer()
            whole.reserveCapacity(Int(min(size, limit.bytes)))
            for try await var chunk in object.body {
                guard whole.readableBytes + chunk.readableBytes <= limit.bytes else {
                    throw tooLarge(key, size: nil, limit: limit)
                }
                whole.writeBuffer(&chunk)
            }
            return whole
        } catch {
            throw StoreError(error, while: "reading '\(key)' from \(location)")
        }
    }

    /// As `read`, but nil if there is no such object.
    package func readIfPresent(_ key: ObjectKey, limit: ByteCount) async throws(StoreError) -> ByteBuffer? {
        do {
            return try await read(key, limit: limit)
        } catch let error where error.code == .notFound {
            return nil
        }
    }

    /// Whether there is an object with exactly this key.
    package func contains(_ key: ObjectKey) async throws(StoreError) -> Bool {
        do {
            _ = try await head(key)
            return true
        } catch let error where error.code == .notFound {
            return false
        }
    }

    private func tooLarge(_ key: ObjectKey, size: ByteCount?, limit: ByteCount) -> StoreError {
        let size = size.map { " is \($0) and" } ?? ""
        return StoreError(.limitExceeded, "'\(key)' in \(location)\(size) may be at most \(limit) here")
    }
}
