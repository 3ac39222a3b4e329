import BucketMirror
import ObjectStorage

extension StoreAccess {
    /// A bucket, a prefix of one or a folder as one side of a mirror, opened and named as typed.
    ///
    /// - Parameter creates: makes a folder that is missing.
    func endpoint(_ text: String, creates: Bool = false) async throws -> MirrorEndpoint {
        let place = try places.place(text, mayBeNew: creates)
        switch place {
        case .server(let server): throw PlaceReader.lacksBucket(server.alias ?? text)
        case .path(let path):
            if kind(path) == .file {
                throw CommandError.usage("'\(path)' is a file; a mirror is of folders and buckets")
            }
            let folder = try folder(path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path, creates)
            return MirrorEndpoint(store: folder, name: text)
        case .bucket(let bucket, let key):
            let store = try await self.bucket(bucket)
            guard !key.isEmpty else { return MirrorEndpoint(store: store, name: text) }
            return MirrorEndpoint(store: PrefixStore(store, prefix: key.hasSuffix("/") ? key : key + "/"), name: text)
        }
    }
}

extension StoreAccess {
    /// The bucket and the prefix that a place names, the latter with a slash at its end; nil for a folder.
    func eventfulBucket(_ text: String) throws -> StoreURL.S3Bucket? {
        guard case .bucket(var bucket, let key) = try places.place(text) else { return nil }
        bucket.prefix = key.isEmpty || key.hasSuffix("/") ? key : key + "/"
        return bucket
    }
}

extension CommandContext {
    func mirrorTools(_ observer: any MirrorObserver = NoMirrorObserver()) -> MirrorTools {
        MirrorTools(clock: clock, wallClock: wallClock, random: SystemRandomNumberGenerator(), observer: observer)
    }
}
