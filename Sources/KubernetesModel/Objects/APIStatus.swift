/// What the API server answers instead of an object when it refuses, and to some deletes.
///
/// Source: Kubernetes API conventions, "Response Status Kind".
package struct APIStatus: Sendable, Hashable {
    /// One thing that is wrong with a request.
    package struct Cause: Sendable, Hashable {
        /// `FieldValueRequired`, `FieldValueInvalid`, …
        package var reason: String
        package var message: String
        /// Dotted path of the field.
        package var field: String

        package init(reason: String, message: String, field: String = "") {
            self.reason = reason
            self.message = message
            self.field = field
        }
    }

    /// HTTP status.
    package var code: Int
    /// `NotFound`, `AlreadyExists`, `Conflict`, `Invalid`, `Expired`, …; empty if the server gives none.
    package var reason: String
    package var message: String
    package var isSuccess: Bool
    /// Of the object that the request was about; empty if the server gives none.
    package var name: String
    package var group: String
    /// Most often the plural in URLs, for some refusals the kind.
    package var kind: String
    package var uid: String
    package var causes: [Cause]
    package var retryAfterSeconds: Int?
    /// Of an expired list: the token to go on with, without a promise that the rest fits to what came before.
    package var continueToken: String?

    package init(
        code: Int, reason: String, message: String, isSuccess: Bool = false, name: String = "", group: String = "",
        kind: String = "", uid: String = "", causes: [Cause] = [], retryAfterSeconds: Int? = nil,
        continueToken: String? = nil
    ) {
        self.code = code
        self.reason = reason
        self.message = message
        self.isSuccess = isSuccess
        self.name = name
        self.group = group
        self.kind = kind
        self.uid = uid
        self.causes = causes
        self.retryAfterSeconds = retryAfterSeconds
        self.continueToken = continueToken
    }

    /// Nil if `json` is no `Status` object.
    package init?(_ json: JSONValue) {
        guard json["kind"]?.string == "Status", json["apiVersion"]?.string == "v1" else { return nil }
        let details = json["details"]
        self.init(
            code: Int(json["code"]?.int64 ?? 0), reason: json["reason"]?.string ?? "",
            message: json["message"]?.string ?? "", isSuccess: json["status"]?.string == "Success",
            name: details?["name"]?.string ?? "", group: details?["group"]?.string ?? "",
            kind: details?["kind"]?.string ?? "", uid: details?["uid"]?.string ?? "",
            causes: (details?["causes"]?.array ?? []).map {
                Cause(
                    reason: $0["reason"]?.string ?? "", message: $0["message"]?.string ?? "",
                    field: $0["field"]?.string ?? "")
            },
            retryAfterSeconds: details?["retryAfterSeconds"]?.int64.flatMap { Int(exactly: $0) },
            continueToken: json["metadata", "continue"]?.string)
    }

    /// The object as the API server writes it; empty members are left out.
    package var json: JSONValue {
        var details: [String: JSONValue] = [:]
        for (key, text) in [("name", name), ("group", group), ("kind", kind), ("uid", uid)] where !text.isEmpty {
            details[key] = .string(text)
        }
        if !causes.isEmpty {
            details["causes"] = .array(
                causes.map { cause in
                    var json: [String: JSONValue] = [:]
                    if !cause.reason.isEmpty { json["reason"] = .string(cause.reason) }
                    if !cause.message.isEmpty { json["message"] = .string(cause.message) }
                    if !cause.field.isEmpty { json["field"] = .string(cause.field) }
                    return .object(json)
                })
        }
        if let retryAfterSeconds { details["retryAfterSeconds"] = .number(JSONNumber(retryAfterSeconds)) }
        var status: [String: JSONValue] = [
            "kind": "Status", "apiVersion": "v1", "metadata": .object([:]),
            "status": isSuccess ? "Success" : "Failure",
        ]
        if let continueToken { status["metadata"] = ["continue": .string(continueToken)] }
        if !message.isEmpty { status["message"] = .string(message) }
        if !reason.isEmpty { status["reason"] = .string(reason) }
        if !details.isEmpty { status["details"] = .object(details) }
        if code != 0 { status["code"] = .number(JSONNumber(code)) }
        return .object(status)
    }
}
