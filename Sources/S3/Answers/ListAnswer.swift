import Basics
import ObjectStorage

/// A page of ListObjectsV2. Source: Amazon S3 API Reference, "ListObjectsV2".
enum ListAnswer {
    /// - Throws: `.invalid` for an answer that makes no sense: not a listing, a key that is none, a page that says that
    ///   more follows and not where.
    static func page(_ root: XMLElement, _ location: String, prefix: String) throws(StoreError) -> ListPage {
        guard root.name == "ListBucketResult" else { throw nonsense(location, "it is a '\(root.name)'") }
        let isEncoded = root["EncodingType"]?.lowercased() == "url"
        func text(_ element: XMLElement, _ name: String) throws(StoreError) -> String {
            guard let raw = element[name], let text = isEncoded ? KeyEncoding.decodeListed(raw) : raw else {
                throw nonsense(location, "an entry without a readable \(name)")
            }
            return text
        }
        var page = ListPage(objects: [])
        for element in root.children {
            switch element.name {
            case "Contents":
                let key = try text(element, "Key")
                // SeaweedFS takes the prefix `a//` for `a/`: what was not asked for is not told.
                if key.utf8.starts(with: prefix.utf8) { page.objects.append(try object(element, key: key, location)) }
            case "CommonPrefixes":
                let fold = try text(element, "Prefix")
                if fold.utf8.starts(with: prefix.utf8) { page.commonPrefixes.append(fold) }
            default: break
            }
        }
        if root["IsTruncated"] == "true" {
            guard let token = root["NextContinuationToken"], !token.isEmpty else {
                throw nonsense(location, "it is truncated and does not say where it goes on")
            }
            page.nextToken = token
        }
        return page
    }

    private static func object(
        _ element: XMLElement, key text: String, _ location: String
    ) throws(StoreError) -> ObjectInfo {
        guard let key = ObjectKey(text), let size = element["Size"].flatMap({ Int64($0) }), size >= 0 else {
            throw nonsense(location, "an entry without a key or a size")
        }
        var info = ObjectInfo(
            key: key, size: size, etag: element["ETag"].flatMap(ETag.read),
            lastModified: element["LastModified"].flatMap { Timestamp($0) })
        info.storageClass = element["StorageClass"]
        return info
    }

    private static func nonsense(_ location: String, _ what: String) -> StoreError {
        StoreError(.invalid, "the listing of \(location) makes no sense: \(what)")
    }
}

/// Tags of objects.
enum ETag {
    /// Without quotes and the mark of weakness; nil if nothing is left.
    static func read(_ text: String) -> String? {
        var text = Substring(text)
        if text.hasPrefix("W/") { text = text.dropFirst(2) }
        while text.hasPrefix("\"") { text = text.dropFirst() }
        while text.hasSuffix("\"") { text = text.dropLast() }
        return text.isEmpty ? nil : String(text)
    }

    static func quoted(_ tag: String) -> String { "\"\(tag)\"" }

    /// Whether the tag looks like the MD5 sum of an object that was put in one piece.
    static func isDigest(_ tag: String) -> Bool { tag.utf8.count == 32 && tag.utf8.allSatisfy(isHexDigit) }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }
}
