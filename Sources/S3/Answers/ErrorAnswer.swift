import Basics
import HTTPTypes
import ObjectStorage

/// What a store said when it refused. Source: Amazon S3 API Reference, "Error responses".
struct ErrorAnswer: Sendable, Hashable {
    let status: Int
    /// `NoSuchKey`; empty if the answer had no such body, as none to HEAD has.
    var code = ""
    var message = ""
    var requestID: String?
    /// The bucket's own region, if the store told it.
    var region: String?
    /// The host to ask instead, if the store told it.
    var endpoint: String?
    /// The store's time.
    var date: Timestamp?
    var retryAfter: Duration?

    init(_ head: HTTPResponse, body: [UInt8]) {
        status = head.status.code
        requestID = head.headerFields[.amzRequestID]
        region = head.headerFields[.amzBucketRegion]
        date = head.headerFields[.date].flatMap(HTTPDate.read)
        // Retry-After as a date is not worth a clock here: the ordinary pause does.
        retryAfter = head.headerFields[.retryAfter].flatMap { Int64($0) }.map { .seconds(max(0, $0)) }
        // A proxy's HTML or half an answer: the status says enough.
        guard let root = try? XMLReader.read(body), root.name == "Error" else { return }
        fill(from: root)
    }

    /// An error inside an answer of status 200.
    init(insideSuccess root: XMLElement, _ head: HTTPResponse) {
        status = head.status.code
        requestID = head.headerFields[.amzRequestID]
        fill(from: root)
    }

    private mutating func fill(from root: XMLElement) {
        code = root["Code"] ?? ""
        message = root["Message"] ?? ""
        requestID = requestID ?? root["RequestId"]
        region = region ?? root["Region"]
        endpoint = root["Endpoint"]
    }

    /// - Parameter doing: the operation and what it was for: `GET s3://bucket/key`.
    func storeError(_ doing: String) -> StoreError {
        var said = code.isEmpty ? "status \(status)" : "\(code) (\(status))"
        let line = message.split(whereSeparator: \.isNewline).joined(separator: " ")
        if !line.isEmpty { said += ": \(line.prefix(300))" }
        if let advice { said += "; \(advice)" }
        if let requestID { said += " [request \(requestID.prefix(80))]" }
        return StoreError(kind, "\(doing): \(said)", retryAfter: retryAfter)
    }

    /// What the operator can do about it, for refusals that have a usual cause.
    private var advice: String? {
        switch code {
        case "NoSuchBucket": "create the bucket or correct its name"
        case "AccessDenied": "the credentials lack the permission for this"
        case "InvalidAccessKeyId": "the store does not know this access key: check the credentials and the endpoint"
        case "SignatureDoesNotMatch": "check the secret key, and that no proxy changes the Host header or the path"
        case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired": "renew the session token"
        case "RequestTimeTooSkewed":
            "set the clock of this machine or of the store (NTP); they may differ by 15 minutes"
        case "PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed",
            "IllegalLocationConstraintException":
            redirectAdvice
        case "QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded": "make room in the store"
        case "": status == 301 || status == 307 ? redirectAdvice : nil
        default: nil
        }
    }

    private var redirectAdvice: String {
        switch (region, endpoint) {
        case (let region?, let endpoint?): "set the region to '\(region)' and the endpoint to '\(endpoint)'"
        case (let region?, nil): "set the region to '\(region)'"
        case (nil, let endpoint?): "set the endpoint to '\(endpoint)'"
        case (nil, nil): "check the region and the endpoint"
        }
    }

    private var kind: StoreError.Code { ErrorAnswer.kinds[code] ?? kindByStatus }

    private var kindByStatus: StoreError.Code {
        switch status {
        case 401: .unauthorized
        case 403: .forbidden
        case 404: .notFound
        case 405, 501: .unsupported
        case 412: .preconditionFailed
        case 413, 507: .limitExceeded
        case 429, 503: .throttled
        case 408, 499, 500..<600: .unavailable
        default: .invalid
        }
    }

    /// Codes whose meaning differs from that of their status, or that have none with HEAD.
    private static let kinds: [String: StoreError.Code] = {
        let codes: [StoreError.Code: [String]] = [
            .notFound: ["NoSuchKey", "NoSuchBucket", "NoSuchVersion", "NoSuchUpload", "NotFound"],
            .preconditionFailed: ["PreconditionFailed", "BucketAlreadyExists", "BucketAlreadyOwnedByYou"],
            .throttled: [
                "SlowDown", "SlowDownRead", "SlowDownWrite", "ServiceUnavailable", "ServerBusy", "RequestLimitExceeded",
                "TooManyRequests", "Throttling", "ThrottlingException", "BandwidthLimitExceeded",
            ],
            .unavailable: [
                "InternalError", "RequestTimeout", "IncompleteBody", "OperationAborted", "ConditionalRequestConflict",
                "XMinioServerNotInitialized", "XMinioIAMNotInitialized", "XMinioBucketMetadataNotInitialized",
            ],
            .integrity: [
                "BadDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch",
            ],
            .unauthorized: [
                "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "ExpiredTokenException",
                "TokenRefreshRequired", "InvalidToken", "RequestTimeTooSkewed", "AccountProblem",
            ],
            .forbidden: ["AccessDenied", "AllAccessDisabled", "ObjectLocked", "InvalidObjectState"],
            .limitExceeded: [
                "EntityTooLarge", "KeyTooLongError", "MetadataTooLarge", "QuotaExceeded", "TooManyParts",
                "XMinioAdminBucketQuotaExceeded", "XMinioStorageFull",
            ],
            .unsupported: ["NotImplemented", "MethodNotAllowed", "XMinioObjectExistsAsDirectory"],
        ]
        return Dictionary(uniqueKeysWithValues: codes.flatMap { kind, names in names.map { ($0, kind) } })
    }()
}
