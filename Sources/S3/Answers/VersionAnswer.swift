import Basics
import ObjectStorage

/// A page of ListObjectVersions. Source: Amazon S3 API Reference, "ListObjectVersions".
enum VersionAnswer {
    /// - Throws: `.invalid` for an answer that makes no sense.
    static func page(_ root: XMLElement, _ location: String, prefix: String) throws(StoreError) -> VersionListPage {
        guard root.name == "ListVersionsResult" || root.name == "ListObjectVersionsResult" else {
            throw StoreError(
                root.name == "ListBucketResult" ? .unsupported : .invalid,
                "\(location) does not list versions: it answered with '\(root.name)'")
        }
        let isEncoded = root["EncodingType"]?.lowercased() == "url"
        func key(_ raw: String?) throws(StoreError) -> ObjectKey {
            guard let raw, let text = isEncoded ? KeyEncoding.decodeListed(raw) : raw, let key = ObjectKey(text) else {
                throw StoreError(.invalid, "the listing of versions in \(location) has an entry without a readable key")
            }
            return key
        }
        var page = VersionListPage(versions: [])
        for element in root.children where element.name == "Version" || element.name == "DeleteMarker" {
            let version = try version(element, key: key(element["Key"]), location)
            if version.info.key.text.utf8.starts(with: prefix.utf8) { page.versions.append(version) }
        }
        if root["IsTruncated"] == "true" {
            guard let raw = root["NextKeyMarker"], !raw.isEmpty else {
                throw StoreError(
                    .invalid, "the listing of versions in \(location) is truncated and does not say where it goes on")
            }
            let id = root["NextVersionIdMarker"].flatMap { $0.isEmpty ? nil : $0 }
            page.next = VersionMarker(key: try key(raw), versionID: id)
        }
        return page
    }

    private static func version(
        _ element: XMLElement, key: ObjectKey, _ location: String
    ) throws(StoreError) -> ObjectVersion {
        let isMarker = element.name == "DeleteMarker"
        let size = isMarker ? 0 : element["Size"].flatMap { Int64($0) }
        guard let size, size >= 0 else {
            throw StoreError(.invalid, "the listing of versions in \(location) has an entry without a size")
        }
        var info = ObjectInfo(
            key: key, size: size, etag: element["ETag"].flatMap(ETag.read),
            lastModified: element["LastModified"].flatMap { Timestamp($0) }, versionID: element["VersionId"] ?? "null")
        info.storageClass = element["StorageClass"]
        return ObjectVersion(info: info, isLatest: element["IsLatest"] == "true", isDeleteMarker: isMarker)
    }
}
