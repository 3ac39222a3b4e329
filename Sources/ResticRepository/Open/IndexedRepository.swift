/// A repository with its index in memory: it can find, read and add blobs.
///
/// The index is that of the moment when it was loaded, and what this process added since. List snapshots before loading it:
/// then all their blobs are in it.
package final class IndexedRepository: Sendable {
    package let repository: Repository
    package let index: RepositoryIndex

    init(repository: Repository, index: RepositoryIndex) {
        self.repository = repository
        self.index = index
    }
}

extension Repository {
    /// Reads all index files, four at a time.
    ///
    /// - Throws: `.damaged` for the first file that cannot be read; `.store`. Memory: see `RepositoryIndex`, and about
    ///   25 MB for each of the four files at work.
    package func loadIndex() async throws(RepositoryError) -> IndexedRepository {
        let (index, damage) = try await readIndex()
        if let first = damage.first { throw first.error }
        return IndexedRepository(repository: self, index: index)
    }
}

extension IndexedRepository {
    /// The same repository with the same loaded index, which both share, and nothing of what is added through the other.
    ///
    /// For writers side by side: what one has claimed and not yet stored must not be relied on by the snapshot of another, for
    /// it may never be stored. What both add is stored twice, which the next prune undoes.
    package func separated() -> IndexedRepository {
        IndexedRepository(
            repository: repository,
            index: RepositoryIndex(data: index.data, trees: index.trees, packs: index.packs, files: index.files))
    }
}
