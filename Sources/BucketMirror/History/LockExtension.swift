package import Basics
package import ObjectStorage

/// Lengthens the locks of what is still wanted: the present of every key and the log. Without it the only copy of an old
/// object that never changes would lose its lock, while younger ones keep theirs.
package struct LockExtension: Sendable {
    package let store: any ObjectStore
    package let lock: CopyLock
    package let wallClock: WallClock

    package init(store: any ObjectStore, lock: CopyLock, wallClock: WallClock) {
        self.store = store
        self.lock = lock
        self.wallClock = wallClock
    }

    /// Looks at each present object and lengthens locks that have less than half of their time left. Memory: a page.
    ///
    /// - Returns: how many were lengthened.
    /// - Throws: `.refused` where the bucket has no object lock, or the keys may not lengthen locks.
    package func run() async throws(MirrorError) -> Int {
        let wanted = lock.retention(from: wallClock.now())
        let enough = wallClock.now() + lock.duration / 2
        var count = 0
        var listing = ListingReader(store)
        do throws(StoreError) {
            while true {  // Ends with the listing.
                let page = try await listing.next()
                for object in page.objects {
                    let present = try await store.features.retention(of: object.key, versionID: nil)
                    if let present, present.until >= enough { continue }
                    try await store.features.setRetention(wanted, of: object.key, versionID: nil)
                    count += 1
                }
                if page.isLast { return count }
            }
        } catch {
            throw MirrorError(
                .refused, "lengthening the locks in \(store.location) failed", side: .target, cause: error)
        }
    }
}
