import Basics
import Crypto
import HTTPTypes

/// Signs requests by Signature Version 4. A pure function of its arguments: the date is passed in.
///
/// Source: AWS Identity and Access Management User Guide, "Create a signed AWS API request"; for S3 the path is encoded
/// once and never normalised.
struct RequestSigner: Sendable {
    let key: SigningKey

    /// What `x-amz-content-sha256` says where the body is not signed: only over TLS, or with a signed `Content-MD5`.
    static let unsignedPayload = "UNSIGNED-PAYLOAD"
    static let emptyPayload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    struct Header: Comparable {
        let name: String
        let value: String

        static func < (left: Header, right: Header) -> Bool {
            left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
        }
    }

    /// Adds the date, the payload's hash, the session token and the signature to `request`.
    ///
    /// Signed are the host and all headers that `request` has; a proxy may change none of them. The query must already be
    /// in canonical order: see `Query`.
    func sign(
        _ request: inout HTTPRequest, payloadHash: String, with credentials: S3Credentials, at date: SigningDate
    ) {
        request.headerFields[.amzDate] = date.full
        request.headerFields[.amzContentSHA256] = payloadHash
        if let token = credentials.sessionToken { request.headerFields[.amzSecurityToken] = token.reveal() }
        let headers = canonicalHeaders(of: request)
        let canonical = canonicalRequest(request, headers: headers, payloadHash: payloadHash)
        var text = "AWS4-HMAC-SHA256 Credential="
        text.reserveCapacity(400)
        text += credentials.accessKey
        text += "/"
        text += key.scope
        text += ", SignedHeaders="
        for (index, header) in headers.enumerated() {
            if index > 0 { text += ";" }
            text += header.name
        }
        text += ", Signature="
        text += signature(of: canonical, at: date)
        request.headerFields[.authorization] = text
    }

    /// A URL that carries its own permission for `lifetime`, 1 second to 7 days: whoever has it may do what it says.
    ///
    /// - Parameter request: without headers; they would have to be sent by whoever uses the URL.
    func presign(
        _ request: HTTPRequest, query: Query, with credentials: S3Credentials, at date: SigningDate, lifetime: Duration
    ) -> Secret {
        var query = query
        query.add("X-Amz-Algorithm", "AWS4-HMAC-SHA256")
        query.add("X-Amz-Credential", "\(credentials.accessKey)/\(key.scope)")
        query.add("X-Amz-Date", date.full)
        query.add("X-Amz-Expires", "\(lifetime.components.seconds)")
        query.add("X-Amz-SignedHeaders", "host")
        if let token = credentials.sessionToken { query.add("X-Amz-Security-Token", token.reveal()) }
        let path = request.path ?? "/"
        var signed = request
        signed.path = "\(path)?\(query.text)"
        let canonical = canonicalRequest(
            signed, headers: canonicalHeaders(of: signed), payloadHash: RequestSigner.unsignedPayload)
        let signature = signature(of: canonical, at: date)
        let origin = "\(request.scheme ?? "https")://\(request.authority ?? "")"
        return Secret("\(origin)\(path)?\(query.text)&X-Amz-Signature=\(signature)")
    }

    func canonicalRequest(_ request: HTTPRequest, headers: [Header], payloadHash: String) -> [UInt8] {
        let path = (request.path ?? "/").utf8
        let question = path.firstIndex(of: UInt8(ascii: "?"))
        var text: [UInt8] = []
        text.reserveCapacity(1024)
        let newline = UInt8(ascii: "\n")
        text += request.method.rawValue.utf8
        text.append(newline)
        text += path[..<(question ?? path.endIndex)]
        text.append(newline)
        if let question { text += path[path.index(after: question)...] }
        text.append(newline)
        for header in headers {
            text += header.name.utf8
            text.append(UInt8(ascii: ":"))
            text += header.value.utf8
            text.append(newline)
        }
        text.append(newline)
        for (index, header) in headers.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ";")) }
            text += header.name.utf8
        }
        text.append(newline)
        text += payloadHash.utf8
        return text
    }

    /// Lower-case names in order; values without outer blanks, inner runs of blanks as one; values of one name joined.
    func canonicalHeaders(of request: HTTPRequest) -> [Header] {
        var headers = [Header(name: "host", value: request.authority ?? "")]
        headers.reserveCapacity(request.headerFields.count + 1)
        for field in request.headerFields {
            headers.append(Header(name: field.name.canonicalName, value: RequestSigner.trimmed(field.value)))
        }
        headers.sort()
        guard zip(headers, headers.dropFirst()).contains(where: { $0.name == $1.name }) else { return headers }
        var joined: [Header] = []
        for header in headers {
            if let last = joined.last, last.name == header.name {
                joined[joined.count - 1] = Header(name: last.name, value: "\(last.value),\(header.value)")
            } else {
                joined.append(header)
            }
        }
        return joined
    }

    private static func trimmed(_ value: String) -> String {
        let bytes = value.utf8
        var wasBlank = true
        var isClean = true
        for byte in bytes {
            let isBlank = byte == 0x20 || byte == 0x09
            if isBlank, wasBlank || byte == 0x09 { isClean = false }
            wasBlank = isBlank
        }
        if isClean, !wasBlank || bytes.isEmpty { return value }
        return value.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
    }

    private func signature(of canonicalRequest: [UInt8], at date: SigningDate) -> String {
        var text = Array("AWS4-HMAC-SHA256\n".utf8)
        text.reserveCapacity(192)
        text += date.full.utf8
        text.append(UInt8(ascii: "\n"))
        text += key.scope.utf8
        text.append(UInt8(ascii: "\n"))
        text += SHA256.hash(data: canonicalRequest).withUnsafeBytes { Hex.encode($0) }.utf8
        return HMAC<SHA256>.authenticationCode(for: text, using: key.key).withUnsafeBytes { Hex.encode($0) }
    }
}
