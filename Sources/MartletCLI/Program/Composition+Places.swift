import ObjectStorage
import S3

extension Composition {
    /// The stores of this machine and of the network, for the everyday commands.
    var storeAccess: StoreAccess {
        StoreAccess(
            places: placeReader, folder: { try FolderObjectStore(path: absolute($0), creates: $1) },
            kind: { HostFile.kind(of: absolute($0)) },
            bucket: { retrying(try bucket($0), policy: StoreRetryPolicy()) }, server: serverAccess,
            events: { [try minIOEvents($0)] }, queue: { try queueEvents($0, of: $1) })
    }

    private func serverAccess(_ location: StoreURL.S3Bucket) throws -> ServerAccess {
        guard !location.bucket.isEmpty else { return try wholeServer(location) }
        let bucket = try bucket(location)
        return ServerAccess(
            list: { [] }, create: { try await bucket.createBucket() }, remove: { try await bucket.deleteBucket() },
            exists: {
                do {
                    return try await bucket.bucketExists()
                } catch let error as StoreError where error.code == .forbidden {
                    return true
                }
            })
    }

    private func wholeServer(_ location: StoreURL.S3Bucket) throws -> ServerAccess {
        let server = try server(location)
        return ServerAccess(
            list: { try await server.buckets().map { ServerAccess.Bucket(name: $0.name, createdAt: $0.createdAt) } },
            create: {}, remove: {}, exists: { true })
    }
}
