internal import HTTPTypes
internal import KubernetesModel

extension APIError {
    /// What an answer outside 2xx means.
    init(answer head: HTTPResponse, body: [UInt8], _ request: APIRequest) {
        let json = try? JSONValue(parsing: body)  // Proxies answer in HTML; the status is what counts then.
        var status = json.flatMap(APIStatus.init) ?? APIStatus(code: head.status.code)
        if let seconds = head.headerFields[.retryAfter].flatMap({ Int64($0) }), seconds >= 0 {
            status.retryAfter = .seconds(min(seconds, 86_400))
        }
        self.init(status: status, httpStatus: head.status.code, isStatus: json?["kind"]?.string == "Status", request)
    }

    /// A `Status` object that came inside a 200, as in watches.
    init(status: APIStatus, _ request: APIRequest) {
        self.init(status: status, httpStatus: status.code, isStatus: true, request)
    }

    private init(status: APIStatus, httpStatus: Int, isStatus: Bool, _ request: APIRequest) {
        let mayQuote = ![401, 403, 404, 409, 410, 429].contains(httpStatus)
        let shown = request.concernsSecret && mayQuote ? status.withoutValues : status
        let code = APIError.code(httpStatus, reason: status.reason, isStatus: isStatus)
        self.init(code, "\(request.subject): \(APIError.words(code, shown, httpStatus))", status: shown)
    }

    private static func code(_ httpStatus: Int, reason: String, isStatus: Bool) -> Code {
        switch httpStatus {
        // Without a Status it is the path that is unknown, not the object: a kind or group that is not served.
        case 404: isStatus && reason == "NotFound" ? .notFound : .unsupported
        case 409: reason == "AlreadyExists" ? .alreadyExists : .conflict
        case 400, 422: .invalid
        case 401: .unauthorized
        case 403: .forbidden
        case 405, 406, 415: .unsupported
        case 410: .expired
        case 413: .tooLarge
        case 429: .throttled
        case 500...599: .server
        default: .malformed
        }
    }

    private static func words(_ code: Code, _ status: APIStatus, _ httpStatus: Int) -> String {
        // One line: what servers and proxies send may have several.
        let summary = String(status.summary.map { $0.isNewline ? " " : $0 }.prefix(2_000))
        return switch code {
        case .unauthorized: "the server does not accept these credentials (401)"
        case .malformed where (300...399).contains(httpStatus):
            "the server answers with a redirect (\(httpStatus)); give its final address"
        default: "\(summary) (\(httpStatus))"
        }
    }
}
