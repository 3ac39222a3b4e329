import Basics
import GRDB
import ObjectStorage
import Synchronization

/// The listing of a store that does not sort by bytes (some sort folder by folder), sorted in a temporary database.
///
/// Disk: about 150 bytes for each key, in SQLite's own temporary file. Memory: its cache of 8 MiB.
final class SortedListing: Sendable {
    private let index: MirrorIndex
    private let last = Mutex<ObjectKey?>(nil)

    init(_ store: any ObjectStore, _ side: MirrorError.Side) async throws(MirrorError) {
        // An empty name is a temporary file to SQLite: https://www.sqlite.org/inmemorydb.html
        index = try MirrorIndex(path: "", pair: "")
        var listing = ListingReader(store)
        while true {  // Ends with the listing.
            let page: ListingReader.Page
            do throws(StoreError) {
                page = try await listing.next()
            } catch {
                throw MirrorError(error, side, while: "listing \(store.location)")
            }
            // Only order tells that a listing goes round in circles, and this one has none: so does its first key.
            if let first = page.objects.first, try index.entry(first.key) != nil {
                throw MirrorError(.listing, "the listing of \(store.location) shows '\(first.key)' twice", side: side)
            }
            for object in page.objects {
                try index.note(
                    .copied(
                        IndexEntry(
                            key: object.key, size: object.size, tag: object.etag,
                            targetTag: object.lastModified?.description, targetVersion: object.storageClass)))
            }
            if page.isLast { break }
        }
        try index.flush()
    }

    func next() throws(MirrorError) -> ListingReader.Page {
        let entries = try index.page(after: last.withLock { $0 })
        if let key = entries.last?.key { last.withLock { $0 = key } }
        let objects = entries.map { entry in
            var info = entry.source
            info.lastModified = entry.targetTag.flatMap { Timestamp($0) }
            info.storageClass = entry.targetVersion
            return info
        }
        return (objects, entries.count < 1000)
    }
}
