import Basics
import NIOCore
import ObjectStorage

/// A store whose versions cannot be had, as many servers are.
struct NoVersions: StoreAround {
    let base: any ObjectStore
    var features: any StoreFeatures { Features(base: base.features) }

    private struct Features: StoreFeatures {
        let base: any StoreFeatures
        var offered: Set<StoreFeature> { base.offered.subtracting([.versions, .objectLock]) }

        func bucket() async throws(StoreError) -> BucketIdentity { try await base.bucket() }

        func tags(of key: ObjectKey, versionID: String?) async throws(StoreError) -> [String: String] {
            try await base.tags(of: key, versionID: versionID)
        }

        func setTags(_ tags: [String: String], of key: ObjectKey, versionID: String?) async throws(StoreError) {
            try await base.setTags(tags, of: key, versionID: versionID)
        }

        func copy(_ request: CopyRequest) async throws(StoreError) -> ObjectInfo { try await base.copy(request) }

        func partSizes(of info: ObjectInfo) async throws(StoreError) -> [Int64]? { try await base.partSizes(of: info) }

        func put(
            _ body: ByteStream, size: Int64, at key: ObjectKey, options: PutOptions
        ) async throws(StoreError) -> ObjectInfo {
            try await base.put(body, size: size, at: key, options: options)
        }

        func continueUpload(
            _ id: String, at key: ObjectKey, options: PutOptions
        ) async throws(StoreError) -> any ObjectUpload {
            try await base.continueUpload(id, at: key, options: options)
        }

        func sentParts(of id: String, at key: ObjectKey) async throws(StoreError) -> [UploadedPart] {
            try await base.sentParts(of: id, at: key)
        }

        func openUploads(prefix: String) async throws(StoreError) -> [OpenUpload] {
            try await base.openUploads(prefix: prefix)
        }
    }
}
