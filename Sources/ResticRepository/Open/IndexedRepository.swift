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
