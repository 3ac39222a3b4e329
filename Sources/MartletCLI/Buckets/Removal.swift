import Basics
import ObjectStorage

/// Which entries of a store go, and how: counted first, then removed page by page. Memory: a page.
struct Removal: Sendable {
    struct Failures {
        var count = 0
        /// The first hundred.
        var shown: [(String, StoreError)] = []

        mutating func add(_ name: String, _ error: StoreError) {
            count += 1
            if shown.count < 100 { shown.append((name, error)) }
        }
    }

    let store: any ObjectStore
    let prefix: String
    let takes: @Sendable (ListedEntry) -> Bool
    /// `.latest` for objects, `.all` for versions and delete markers.
    var view = VersionView.latest
    var glob: KeyGlob?
    /// Only this key, not what begins with it.
    var exactKey: String?
    /// Only this version of it.
    var versionID: String?

    private static let pageSize = 1000

    init(
        store: any ObjectStore, prefix: String, takes: @escaping @Sendable (ListedEntry) -> Bool
    ) {
        self.store = store
        self.prefix = prefix
        self.takes = takes
    }

    private var listing: ObjectListing {
        ObjectListing(store: store, prefix: prefix, isRecursive: true, view: view, glob: glob)
    }

    private func isMeant(_ entry: ListedEntry) -> Bool {
        if let exactKey, !entry.key.utf8.elementsEqual(exactKey.utf8) { return false }
        if let versionID, entry.versionID != versionID { return false }
        return takes(entry)
    }

    func count(_ tell: (ListedEntry) -> Void) async throws -> ListTotal {
        var total = ListTotal()
        try await listing.forEach { entry in
            guard isMeant(entry) else { return }
            total.add(entry)
            tell(entry)
        }
        return total
    }

    /// - Parameter tell: is told how many are gone, or failed.
    func run(_ tell: (Int) -> Void) async throws -> Failures {
        var failures = Failures()
        var page: [ListedEntry] = []
        var done = 0
        // What was removed is behind the listing, so it may go on while the keys go.
        try await listing.forEach { entry in
            guard isMeant(entry) else { return }
            page.append(entry)
            guard page.count == Removal.pageSize else { return }
            try await remove(page, &failures)
            done += page.count
            page = []
            tell(done)
        }
        try await remove(page, &failures)
        return failures
    }

    private func remove(_ page: [ListedEntry], _ failures: inout Failures) async throws {
        guard !page.isEmpty else { return }
        if view == .all {
            let names = page.compactMap { entry in
                ObjectKey(entry.key).map { VersionName(key: $0, versionID: entry.versionID ?? "null") }
            }
            for (name, error) in try await store.features.deleteVersions(names) {
                failures.add("\(name.key) version \(name.versionID)", error)
            }
        } else {
            for (key, error) in try await store.delete(page.compactMap { ObjectKey($0.key) }) {
                failures.add(key.text, error)
            }
        }
    }
}
