import Basics
import HTTPTypes
import ObjectStorage

extension ObjectInfo {
    /// What the headers of an answer to HEAD or GET tell.
    ///
    /// - Throws: `.invalid` if they do not tell the size.
    init(_ key: ObjectKey, _ head: HTTPResponse, _ doing: @autoclosure () -> String) throws(StoreError) {
        let fields = head.headerFields
        guard let size = ContentRange(head)?.total ?? fields[.contentLength].flatMap({ Int64($0) }), size >= 0 else {
            throw StoreError(.invalid, "\(doing()): the answer does not tell the size of the object")
        }
        self.init(
            key: key, size: size, etag: fields[.eTag].flatMap(ETag.read),
            lastModified: fields[.lastModified].flatMap(HTTPDate.read), versionID: fields[.amzVersionID],
            contentType: fields[.contentType], metadata: Metadata.read(fields))
        headers = ObjectHeaders.read(fields)
        tagCount = fields[.amzTaggingCount].flatMap { Int($0) } ?? 0
        storageClass = fields[.amzStorageClass]
    }
}

/// `bytes 0-99/1234`. Source: RFC 9110, section 14.4.
struct ContentRange: Hashable {
    let range: Range<Int64>
    let total: Int64

    /// Nil unless the answer says which part of an object it is. rclone says so with status 200 instead of 206.
    init?(_ head: HTTPResponse) {
        guard let text = head.headerFields[.contentRange] else { return nil }
        let numbers = text.split { !$0.isASCII || !$0.isNumber }.map { Int64($0) }
        guard text.hasPrefix("bytes "), numbers.count == 3, let first = numbers[0], let last = numbers[1],
            let total = numbers[2], first <= last, last < total
        else { return nil }
        range = first..<last + 1
        self.total = total
    }
}

/// The headers that belong to an object beside content type and user metadata.
enum ObjectHeaders {
    private static let names = ObjectHeader.kept.map { (text: $0, name: HTTPField.Name.known($0)) }

    static func read(_ fields: HTTPFields) -> [String: String] {
        var headers: [String: String] = [:]
        for (text, name) in names {
            guard let value = fields[name], let kept = text == "content-encoding" ? ownEncoding(value) : value else {
                continue
            }
            headers[text] = kept
        }
        return headers
    }

    /// - Throws: `.invalid` for a header that no object keeps.
    static func write(_ headers: [String: String], to fields: inout HTTPFields) throws(StoreError) {
        for (text, value) in headers {
            guard let name = names.first(where: { $0.text == text })?.name else {
                throw StoreError(.invalid, "'\(text)' is no header that objects keep")
            }
            fields[name] = value
        }
    }

    /// A content encoding without `aws-chunked`, which is of the transfer; some stores keep it all the same.
    private static func ownEncoding(_ value: String) -> String? {
        let codings = value.split(separator: ",").map { $0.filter { $0 != " " } }
        let own = codings.filter { $0.lowercased() != "aws-chunked" && !$0.isEmpty }
        return own.isEmpty ? nil : own.joined(separator: ",")
    }
}

/// User metadata in headers.
enum Metadata {
    private static let prefix = "x-amz-meta-"

    static func read(_ fields: HTTPFields) -> [String: String] {
        var metadata: [String: String] = [:]
        for field in fields where field.name.canonicalName.utf8.starts(with: prefix.utf8) {
            let name = String(field.name.canonicalName.dropFirst(prefix.count))
            metadata[name] = EncodedWord.decode(field.value)
        }
        return metadata
    }

    /// - Throws: `.invalid` for a name that no header can have.
    static func write(_ metadata: [String: String], to fields: inout HTTPFields) throws(StoreError) {
        for (name, value) in metadata {
            guard let field = HTTPField.Name(prefix + name), !name.isEmpty else {
                throw StoreError(.invalid, "'\(name)' cannot be the name of metadata")
            }
            fields[field] = EncodedWord.encode(value)
        }
    }
}
