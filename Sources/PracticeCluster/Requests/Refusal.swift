import KubernetesModel

/// A request that is answered with an error. The words are those of Kubernetes 1.20, because clients read them.
struct Refusal: Error {
    var status: APIStatus
    /// Paths that no handler knows are answered in plain text.
    var isPlainText = false
    var retryAfterSeconds: Int?

    init(_ status: APIStatus) {
        self.status = status
        retryAfterSeconds = status.retryAfterSeconds
    }

    static var pageNotFound: Refusal {
        var refusal = Refusal(APIStatus(code: 404, reason: "", message: "404 page not found"))
        refusal.isPlainText = true
        return refusal
    }

    static var noSuchResource: Refusal {
        Refusal(APIStatus(code: 404, reason: "NotFound", message: "the server could not find the requested resource"))
    }

    static var methodNotAllowed: Refusal {
        Refusal(
            APIStatus(
                code: 405, reason: "MethodNotAllowed",
                message: "the server does not allow this method on the requested resource"))
    }

    static func notFound(_ resource: GroupResource, _ name: String) -> Refusal {
        Refusal(
            APIStatus(
                code: 404, reason: "NotFound", message: "\(resource) \"\(name)\" not found", name: name,
                group: resource.group, kind: resource.resource))
    }

    static func alreadyExists(_ resource: GroupResource, _ name: String) -> Refusal {
        Refusal(
            APIStatus(
                code: 409, reason: "AlreadyExists", message: "\(resource) \"\(name)\" already exists", name: name,
                group: resource.group, kind: resource.resource))
    }

    static func conflict(_ resource: GroupResource, _ name: String, _ why: String? = nil) -> Refusal {
        let why =
            why ?? "the object has been modified; please apply your changes to the latest version and try again"
        return Refusal(
            APIStatus(
                code: 409, reason: "Conflict",
                message: "Operation cannot be fulfilled on \(resource) \"\(name)\": \(why)",
                name: name, group: resource.group, kind: resource.resource))
    }

    static func forbidden(_ resource: GroupResource, _ name: String, _ why: String, causes: [APIStatus.Cause] = [])
        -> Refusal
    {
        let subject = name.isEmpty ? "\(resource)" : "\(resource) \"\(name)\""
        return Refusal(
            APIStatus(
                code: 403, reason: "Forbidden", message: "\(subject) is forbidden: \(why)", name: name,
                group: resource.group, kind: resource.resource, causes: causes))
    }

    static func badRequest(_ message: String) -> Refusal {
        Refusal(APIStatus(code: 400, reason: "BadRequest", message: message))
    }

    static func plain(_ code: Int, _ message: String) -> Refusal {
        Refusal(APIStatus(code: code, reason: "", message: message))
    }

    static func unsupportedMediaType(_ accepted: [String]) -> Refusal {
        Refusal(
            APIStatus(
                code: 415, reason: "UnsupportedMediaType",
                message: "the body of the request was in an unknown format - accepted media types include: "
                    + accepted.joined(separator: ", ")))
    }

    static var unsupportedMediaType: Refusal {
        Refusal(APIStatus(code: 415, reason: "UnsupportedMediaType", message: "415: Unsupported Media Type"))
    }

    static func expired(_ message: String, continueToken: String? = nil) -> Refusal {
        Refusal(APIStatus(code: 410, reason: "Expired", message: message, continueToken: continueToken))
    }

    static func tooManyRequests(_ message: String, retryAfterSeconds: Int) -> Refusal {
        Refusal(
            APIStatus(
                code: 429, reason: "TooManyRequests", message: message, retryAfterSeconds: retryAfterSeconds))
    }

    static var unprocessablePatch: Refusal {
        Refusal(
            APIStatus(
                code: 422, reason: "Invalid", message: "the server rejected our request due to an error in our request")
        )
    }
}

/// One field that is wrong with an object.
struct FieldProblem {
    let reason: String
    let field: String
    let message: String

    static func required(_ field: String, _ why: String = "") -> FieldProblem {
        FieldProblem(
            reason: "FieldValueRequired", field: field, message: "Required value" + (why.isEmpty ? "" : ": \(why)"))
    }

    /// - Parameter value: as Go prints it: strings in quotes, numbers bare.
    static func invalid(_ field: String, _ value: String, _ why: String) -> FieldProblem {
        FieldProblem(reason: "FieldValueInvalid", field: field, message: "Invalid value: \(value): \(why)")
    }

    static func forbidden(_ field: String, _ why: String) -> FieldProblem {
        FieldProblem(reason: "FieldValueForbidden", field: field, message: "Forbidden: \(why)")
    }

    static func unsupported(_ field: String, _ value: String, supported: [String]) -> FieldProblem {
        FieldProblem(
            reason: "FieldValueNotSupported", field: field,
            message: "Unsupported value: \(value): supported values: "
                + supported.map { "\"\($0)\"" }.joined(separator: ", "))
    }
}

extension Refusal {
    /// 422, with all problems in the message and one cause for each.
    static func invalid(kind: String, group: String, name: String, _ problems: [FieldProblem]) -> Refusal {
        let lines = problems.map { "\($0.field): \($0.message)" }
        let list = lines.count == 1 ? lines[0] : "[" + lines.joined(separator: ", ") + "]"
        let qualified = group.isEmpty ? kind : "\(kind).\(group)"
        return Refusal(
            APIStatus(
                code: 422, reason: "Invalid", message: "\(qualified) \"\(name)\" is invalid: \(list)", name: name,
                group: group, kind: kind,
                causes: problems.map { .init(reason: $0.reason, message: $0.message, field: $0.field) }))
    }
}
