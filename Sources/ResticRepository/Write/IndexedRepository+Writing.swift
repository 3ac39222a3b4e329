extension IndexedRepository {
    /// Runs `body` with a writer, and what stores its packs beside it. Flushes when `body` is done.
    ///
    /// If `body` throws, or a pack cannot be stored, the rest is cancelled: packs that are in the store stay there, those
    /// that an index file names are found by the next run, the others by prune.
    /// - Throws: what `body` throws; a `RepositoryError` if storing failed.
    package func withBlobWriter<Result: Sendable>(
        _ options: WriterOptions = WriterOptions(),
        _ body: @Sendable @escaping (BlobWriter) async throws -> Result
    ) async throws -> Result {
        let writer = BlobWriter(repository, index: index, options: options)
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            for _ in 0..<options.uploads {
                group.addTask {
                    try await writer.upload()
                    return nil
                }
            }
            group.addTask { try await IndexedRepository.run(body, with: writer) }
            var result: Result?
            while let next = try await group.next() { result = next ?? result }
            guard let result else { throw RepositoryError(.cancelled, "the backup was cancelled") }
            return result
        }
    }

    private static func run<Result>(
        _ body: @Sendable (BlobWriter) async throws -> Result, with writer: BlobWriter
    ) async throws -> Result {
        do {
            let result = try await body(writer)
            try await writer.flush()
            writer.queue.finish()
            return result
        } catch {
            writer.queue.fail(RepositoryError(error, while: "writing"))
            throw error
        }
    }
}
