import ObjectStorage

/// Text for the few bodies that S3 is sent.
enum XMLWriter {
    /// `text` with everything escaped that XML takes for markup or changes, or nil if XML 1.0 cannot carry it: most control
    /// characters, U+FFFE and U+FFFF (section 2.2).
    static func escaped(_ text: String) -> String? {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\t", "\n", "\r": escaped += "&#\(scalar.value);"
            case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": return nil
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// Keys to delete, answered with the failures only.
    static func deletion(of escapedKeys: [String]) -> String {
        let objects = escapedKeys.map { "<Object><Key>\($0)</Key></Object>" }.joined()
        return "<Delete xmlns=\"\(namespace)\"><Quiet>true</Quiet>\(objects)</Delete>"
    }

    /// Versions to delete for good, answered with the failures only.
    static func deletion(ofVersions versions: [(escapedKey: String, id: String)]) -> String {
        let objects = versions.map { version in
            "<Object><Key>\(version.escapedKey)</Key><VersionId>\(escaped(version.id) ?? "")</VersionId></Object>"
        }
        return root("Delete", "<Quiet>true</Quiet>\(objects.joined())")
    }

    /// - Throws: `.invalid` for a tag that XML cannot carry.
    static func tagging(_ tags: [String: String]) throws(StoreError) -> String {
        var elements = ""
        for (name, value) in tags.sorted(by: { $0.key < $1.key }) {
            guard let name = escaped(name), let value = escaped(value) else {
                throw StoreError(.invalid, "a tag has characters that cannot be sent")
            }
            elements += "<Tag><Key>\(name)</Key><Value>\(value)</Value></Tag>"
        }
        return root("Tagging", "<TagSet>\(elements)</TagSet>")
    }

    /// The element `name` around `content`, which is XML.
    static func root(_ name: String, _ content: String) -> String {
        "<\(name) xmlns=\"\(namespace)\">\(content)</\(name)>"
    }

    /// - Parameter parts: number and tag of each, ascending.
    static func completion(of parts: [(number: Int, etag: String)]) -> String {
        let parts = parts.map { part in
            "<Part><PartNumber>\(part.number)</PartNumber><ETag>&quot;\(escaped(part.etag) ?? "")&quot;</ETag></Part>"
        }
        return "<CompleteMultipartUpload xmlns=\"\(namespace)\">\(parts.joined())</CompleteMultipartUpload>"
    }

    private static let namespace = "http://s3.amazonaws.com/doc/2006-03-01/"
}
