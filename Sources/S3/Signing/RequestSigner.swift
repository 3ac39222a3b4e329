import Basics
import Crypto
import HTTPTypes

/// Signs requests by Signature Version 4. A pure function of its arguments: the date is passed in.
///
/// Source: AWS Identity and Access Management User Guide, "Create a signed AWS API request"; for S3 the path is encoded
/// once and never normalised.
struct RequestSigner: Sendable {
    let region: String
    var service = "s3"

    /// What `x-amz-content-sha256` says where the body is not signed: only over TLS.
    static let unsignedPayload = "UNSIGNED-PAYLOAD"
    static let emptyPayload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    /// Adds the date, the payload's hash, the session token and the signature to `request`.
    ///
    /// Signed are the host and all headers that `request` has; a proxy may change none of them. The query must already be
    /// in canonical order: see `Query`.
    func sign(
        _ request: HTTPRequest, payloadHash: String, with credentials: S3Credentials, at date: Timestamp
    ) -> HTTPRequest {
        var request = request
        request.headerFields[.amzDate] = SigningDate(date).full
        request.headerFields[.amzContentSHA256] = payloadHash
        if let token = credentials.sessionToken { request.headerFields[.amzSecurityToken] = token.reveal() }
        let headers = canonicalHeaders(of: request)
        let scope = scope(at: date)
        let signature = signature(
            of: canonicalRequest(request, headers: headers, payloadHash: payloadHash), at: date,
            key: credentials.secretKey)
        let names = headers.map(\.name).joined(separator: ";")
        request.headerFields[.authorization] =
            "AWS4-HMAC-SHA256 Credential=\(credentials.accessKey)/\(scope), SignedHeaders=\(names), Signature=\(signature)"
        return request
    }

    /// A URL that carries its own permission for `lifetime`, 1 second to 7 days: whoever has it may do what it says.
    ///
    /// - Parameter request: without headers; they would have to be sent by whoever uses the URL.
    func presign(
        _ request: HTTPRequest, query: Query, with credentials: S3Credentials, at date: Timestamp, lifetime: Duration
    ) -> Secret {
        var query = query
        query.add("X-Amz-Algorithm", "AWS4-HMAC-SHA256")
        query.add("X-Amz-Credential", "\(credentials.accessKey)/\(scope(at: date))")
        query.add("X-Amz-Date", SigningDate(date).full)
        query.add("X-Amz-Expires", "\(lifetime.components.seconds)")
        query.add("X-Amz-SignedHeaders", "host")
        if let token = credentials.sessionToken { query.add("X-Amz-Security-Token", token.reveal()) }
        let path = request.path ?? "/"
        var signed = request
        signed.path = "\(path)?\(query.text)"
        let canonical = canonicalRequest(
            signed, headers: canonicalHeaders(of: signed), payloadHash: RequestSigner.unsignedPayload)
        let signature = signature(of: canonical, at: date, key: credentials.secretKey)
        let origin = "\(request.scheme ?? "https")://\(request.authority ?? "")"
        return Secret("\(origin)\(path)?\(query.text)&X-Amz-Signature=\(signature)")
    }

    func canonicalRequest(
        _ request: HTTPRequest, headers: [(name: String, value: String)], payloadHash: String
    ) -> String {
        let halves = (request.path ?? "/").split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var lines = [request.method.rawValue, String(halves[0]), halves.count > 1 ? String(halves[1]) : ""]
        lines += headers.map { "\($0.name):\($0.value)" }
        lines += ["", headers.map(\.name).joined(separator: ";"), payloadHash]
        return lines.joined(separator: "\n")
    }

    /// Lower-case names in order; values without outer blanks, inner runs of blanks as one.
    func canonicalHeaders(of request: HTTPRequest) -> [(name: String, value: String)] {
        var values: [String: [String]] = ["host": [request.authority ?? ""]]
        for field in request.headerFields {
            let words = field.value.split { $0 == " " || $0 == "\t" }
            values[field.name.canonicalName, default: []].append(words.joined(separator: " "))
        }
        return values.sorted { $0.key < $1.key }.map { ($0.key, $0.value.joined(separator: ",")) }
    }

    private func signature(of canonicalRequest: String, at date: Timestamp, key: Secret) -> String {
        let digest = Hex.encode(Array(SHA256.hash(data: Array(canonicalRequest.utf8))))
        let text = "AWS4-HMAC-SHA256\n\(SigningDate(date).full)\n\(scope(at: date))\n\(digest)"
        let words = [SigningDate(date).day, region, service, "aws4_request"]
        let signingKey = words.reduce(Array("AWS4\(key.reveal())".utf8)) { authenticate($1, key: $0) }
        return Hex.encode(authenticate(text, key: signingKey))
    }

    private func scope(at date: Timestamp) -> String {
        "\(SigningDate(date).day)/\(region)/\(service)/aws4_request"
    }

    private func authenticate(_ text: String, key: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: key)))
    }
}

/// `20130524` and `20130524T000000Z`.
private struct SigningDate {
    let day: String
    let full: String

    init(_ date: Timestamp) {
        let civil = CivilTime(date)
        day = "\(padded(civil.year, 4))\(padded(civil.month, 2))\(padded(civil.day, 2))"
        full = "\(day)T\(padded(civil.hour, 2))\(padded(civil.minute, 2))\(padded(civil.second, 2))Z"
    }
}
