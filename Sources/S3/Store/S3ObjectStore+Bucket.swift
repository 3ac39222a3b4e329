import HTTPTypes
import NIOCore
package import ObjectStorage

extension S3ObjectStore {
    /// Whether the bucket exists and may be asked.
    ///
    /// - Throws: everything but "there is no such bucket": above all `.forbidden`, which says that it exists.
    package func bucketExists() async throws(StoreError) -> Bool {
        do {
            _ = try await client.sendForHead(S3Request(.head))
            return true
        } catch let error where error.code == .notFound {
            return false
        }
    }

    /// Removes the bucket, which must be empty; one that is missing counts as removed.
    package func deleteBucket() async throws(StoreError) {
        do {
            _ = try await client.sendForHead(S3Request(.delete))
        } catch let error where error.code == .notFound {
            // Removed before.
        }
    }

    /// Creates the bucket; one that is ours already counts as created.
    ///
    /// - Parameter hasObjectLock: makes versions that can be locked against deletion, which needs versioning: both are
    ///   switched on for good.
    /// - Throws: `.preconditionFailed` if the name belongs to somebody else.
    package func createBucket(hasObjectLock: Bool = false) async throws(StoreError) {
        var request = S3Request(.put)
        if hasObjectLock { request.headers[.amzBucketLockEnabled] = "true" }
        let region = client.configuration.region
        if client.configuration.endpoint == nil, region != "us-east-1" {
            let constraint = "<LocationConstraint>\(region)</LocationConstraint>"
            request.body = ByteBuffer(
                string: "<CreateBucketConfiguration>\(constraint)</CreateBucketConfiguration>")
        }
        do {
            _ = try await client.sendForHead(request)
        } catch let error where error.code == .preconditionFailed {
            guard error.message.contains("BucketAlreadyOwnedByYou") else { throw error }
        }
    }
}
