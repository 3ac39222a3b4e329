package import Basics

extension ObjectStore {
    /// Writes an object of unknown length: `write` is handed a writer and says what goes into it.
    ///
    /// Up to `partSize` bytes become a single put; more become an upload in parts. Nothing is visible under `key` until
    /// this returns, and nothing stays behind if `write` or the store fails: the upload is aborted.
    ///
    /// Memory: at most `partSize * (concurrency + 1)`. Size: at most `partSize * 10,000`, 78 GiB with the default.
    /// - Parameters:
    ///   - partSize: at least 5 MiB for S3; the last part may be smaller.
    ///   - concurrency: how many parts are on their way at once.
    /// - Throws: what `write` throws, or `StoreError` as `put` and `ObjectUpload`.
    package func upload(
        at key: ObjectKey, options: PutOptions = PutOptions(), partSize: ByteCount = .mebibytes(8),
        concurrency: Int = 4, write: (ObjectWriter) async throws -> Void
    ) async throws -> ObjectInfo {
        precondition(partSize.bytes > 0 && concurrency > 0, "no upload in \(concurrency) parts of \(partSize)")
        let queue = PartQueue(limit: concurrency)
        let writer = ObjectWriter(
            store: self, key: key, options: options, partSize: Int(partSize.bytes), queue: queue)
        do {
            return try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<concurrency { group.addTask { await queue.sendAll() } }
                do {
                    try await write(writer)
                    try Task.checkCancellation()
                    let whole = try await writer.finish()
                    queue.finish()
                    try await group.waitForAll()
                    if let whole { return whole }
                    return try await writer.complete()
                } catch {
                    queue.fail(StoreError(.cancelled, "the upload of '\(key)' was given up"))
                    group.cancelAll()
                    throw error
                }
            }
        } catch {
            if let upload = writer.begunUpload { await giveUp(upload) }
            throw error
        }
    }

    /// Aborts although the task may be cancelled already: a cancelled request would leave the parts in the store.
    private func giveUp(_ upload: any ObjectUpload) async {
        // The error that led here is the one to report; a failed abort leaves parts that the store's own rules expire.
        await Task.apart { try? await upload.abort() }.value
    }
}
