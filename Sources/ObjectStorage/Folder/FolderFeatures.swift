import Glibc

/// What a folder does beyond objects and keys: it knows itself again.
struct FolderFeatures: StoreFeatures {
    let store: FolderObjectStore

    var offered: Set<StoreFeature> { [.bucketIdentity] }

    /// The folder's device and inode: another disk mounted in its place is another bucket.
    func bucket() async throws(StoreError) -> BucketIdentity {
        let identity = try await store.blocking("looking at the folder") { [tree = store.tree] in
            let status = try FolderTree.status(of: tree.root)
            return "\(status.st_dev):\(status.st_ino)"
        }
        return BucketIdentity(deploymentID: identity)
    }
}
