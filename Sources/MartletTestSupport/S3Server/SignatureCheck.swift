internal import Basics
internal import Crypto
internal import Transport

/// Whether requests are signed by Signature Version 4 with the right key and date. Written from the AWS documentation and
/// apart from the code that it judges.
struct SignatureCheck: Sendable {
    let accessKey: String
    var secretKey: String

    /// Nil for a good signature.
    func refusal(of request: ServerRequest, at now: Timestamp) -> Refusal? {
        let isPresigned = request.parameter("X-Amz-Signature") != nil
        guard let claim = isPresigned ? Claim(presigned: request) : Claim(header: request) else {
            return Refusal(status: 403, code: "AccessDenied", message: "no signature")
        }
        guard claim.scope.first == accessKey else { return Refusal(status: 403, code: "InvalidAccessKeyId") }
        guard let date = claim.timestamp else { return Refusal(status: 403, code: "AccessDenied", message: "no date") }
        if let lifetime = claim.lifetime {
            guard now <= date + .seconds(lifetime) else {
                return Refusal(status: 403, code: "AccessDenied", message: "Request has expired")
            }
        } else {
            let skew = now - date
            guard skew <= .seconds(900), skew >= .seconds(-900) else {
                return Refusal(status: 403, code: "RequestTimeTooSkewed", message: "The difference is too large.")
            }
        }
        guard signature(request, claim) == claim.signature else {
            return Refusal(status: 403, code: "SignatureDoesNotMatch")
        }
        let must = request.headers.map(\.name).filter { $0.hasPrefix("x-amz-") || $0 == "content-md5" } + ["host"]
        guard isPresigned || must.allSatisfy(claim.headers.contains) else {
            return Refusal(status: 403, code: "AccessDenied", message: "There were headers which were not signed")
        }
        return nil
    }

    private func signature(_ request: ServerRequest, _ claim: Claim) -> String {
        let path = request.target.prefix { $0 != "?" }.split(separator: "/", omittingEmptySubsequences: false)
            .map { PercentEncoding.encode(PercentEncoding.decode($0) ?? "") }.joined(separator: "/")
        let query = request.query.filter { $0.name != "X-Amz-Signature" }
            .map { (PercentEncoding.encode($0.name), PercentEncoding.encode($0.value)) }.sorted { $0 < $1 }
            .map { "\($0)=\($1)" }.joined(separator: "&")
        let headers = claim.headers.map { name in
            // Blanks at the ends go, runs of blanks become one.
            let values = request.headers.filter { $0.name == name }.map { field in
                field.value.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
            }
            return "\(name):\(values.joined(separator: ","))\n"
        }
        let hash = claim.lifetime == nil ? request.header("x-amz-content-sha256") ?? "" : "UNSIGNED-PAYLOAD"
        let canonical =
            "\(request.method)\n\(path)\n\(query)\n\(headers.joined())\n\(claim.headers.joined(separator: ";"))\n\(hash)"
        let scope = claim.scope.dropFirst()
        let text =
            "AWS4-HMAC-SHA256\n\(claim.date)\n\(scope.joined(separator: "/"))\n"
            + Hex.encode(Array(SHA256.hash(data: Array(canonical.utf8))))
        var key = Array("AWS4\(secretKey)".utf8)
        for word in scope + [text] {
            key = Array(HMAC<SHA256>.authenticationCode(for: Array(word.utf8), using: SymmetricKey(data: key)))
        }
        return Hex.encode(key)
    }
}

/// What a request says of its signature.
private struct Claim {
    /// Access key, day, region, service, `aws4_request`.
    let scope: [String]
    let headers: [String]
    let signature: String
    let date: String
    /// In seconds, of a presigned URL.
    var lifetime: Int64?

    init?(header request: ServerRequest) {
        guard let text = request.header("authorization"), text.hasPrefix("AWS4-HMAC-SHA256 ") else { return nil }
        var fields: [String: String] = [:]
        for part in text.dropFirst("AWS4-HMAC-SHA256 ".count).split(separator: ",") {
            let sides = part.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
            if sides.count == 2 { fields[String(sides[0])] = String(sides[1]) }
        }
        scope = (fields["Credential"] ?? "").split(separator: "/").map(String.init)
        headers = (fields["SignedHeaders"] ?? "").split(separator: ";").map(String.init)
        signature = fields["Signature"] ?? ""
        date = request.header("x-amz-date") ?? ""
        guard scope.count == 5 else { return nil }
    }

    init?(presigned request: ServerRequest) {
        scope = (request.parameter("X-Amz-Credential") ?? "").split(separator: "/").map(String.init)
        headers = (request.parameter("X-Amz-SignedHeaders") ?? "").split(separator: ";").map(String.init)
        signature = request.parameter("X-Amz-Signature") ?? ""
        date = request.parameter("X-Amz-Date") ?? ""
        lifetime = request.parameter("X-Amz-Expires").flatMap { Int64($0) }
        guard scope.count == 5, lifetime != nil else { return nil }
    }

    var timestamp: Timestamp? {
        let digits = Array(date)
        guard digits.count == 16, digits[8] == "T" else { return nil }
        func part(_ range: Range<Int>) -> String { String(digits[range]) }
        return Timestamp(
            "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(9..<11)):\(part(11..<13)):\(part(13..<15))Z")
    }
}
