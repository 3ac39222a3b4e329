import Basics
import NIOCore
import ObjectStorage

/// Copies one object from one store into another, with what belongs to it. Memory: five parts of 8 MiB at most.
struct ObjectCopy: Sendable {
    let source: any ObjectStore
    let target: any ObjectStore
    let options: CopyOptions

    /// - Returns: how many bytes the object has.
    /// - Throws: `.integrity` if the copy's tag shows other bytes than the source's.
    func run(_ key: ObjectKey, versionID: String?, to targetKey: ObjectKey) async throws -> Int64 {
        let object = try await source.get(key, options: GetOptions(versionID: versionID))
        let written = PutOptions(
            contentType: object.info.contentType, metadata: object.info.metadata.merging(options.metadata) { $1 })
        var complete = written
        complete.headers = object.info.headers
        complete.storageClass = options.storageClass
        complete.tags = try await tags(object.info, versionID)
        let copy = try await target.upload(at: targetKey, options: complete) { writer in
            for try await chunk in object.body { try await writer.write(chunk) }
        }
        if let tag = object.info.etag, let other = copy.etag, ObjectCopy.isDigest(tag), ObjectCopy.isDigest(other),
            tag.lowercased() != other.lowercased()
        {
            throw StoreError(
                .integrity, "the copy of '\(key)' in \(target.location) has the tag '\(other)', its source '\(tag)'")
        }
        return object.info.size
    }

    private func tags(_ info: ObjectInfo, _ versionID: String?) async throws(StoreError) -> [String: String] {
        if let tags = options.tags { return tags }
        guard info.tagCount > 0, target.features.offers(.tags) else { return [:] }
        return try await source.features.tags(of: info.key, versionID: versionID)
    }

    /// Whether a tag looks like the MD5 sum of an object that was put at once, as most S3 servers give it.
    private static func isDigest(_ tag: String) -> Bool { tag.utf8.count == 32 && Hex.decode(tag) != nil }
}
