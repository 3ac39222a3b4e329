package import KubernetesModel

/// What a server says about a request that failed. Source: Kubernetes API reference, `meta/v1 Status`.
package struct APIStatus: Sendable, Hashable {
    package struct Cause: Sendable, Hashable {
        /// `FieldValueInvalid`, …
        package let reason: String
        /// `spec.ports[0].nodePort`
        package let field: String
        package let message: String
    }

    /// The HTTP status.
    package let code: Int
    /// `AlreadyExists`, `Invalid`, …; empty if the server sent none.
    package let reason: String
    package let message: String
    package let causes: [Cause]
    package var retryAfter: Duration?
    /// With 410: goes on with a list whose snapshot is gone, at the price of consistency.
    package let continueToken: String?

    package init(
        code: Int, reason: String = "", message: String = "", causes: [Cause] = [], retryAfter: Duration? = nil,
        continueToken: String? = nil
    ) {
        self.code = code
        self.reason = reason
        self.message = message
        self.causes = causes
        self.retryAfter = retryAfter
        self.continueToken = continueToken
    }

    /// Reads a `Status` object; nil if `json` is something else.
    package init?(_ json: JSONValue) {
        guard json["kind"]?.string == "Status" else { return nil }
        let details = json["details"]
        code = json["code"]?.int64.map(Int.init(clamping:)) ?? 0
        reason = json["reason"]?.string ?? ""
        message = json["message"]?.string ?? ""
        causes = (details?["causes"]?.array ?? []).map { cause in
            Cause(
                reason: cause["reason"]?.string ?? "", field: cause["field"]?.string ?? "",
                message: cause["message"]?.string ?? "")
        }
        // A server that asks for days is not believed: the deadline of the request decides anyway.
        retryAfter = details?["retryAfterSeconds"]?.int64.flatMap { $0 > 0 ? .seconds(min($0, 86_400)) : nil }
        continueToken = json["metadata", "continue"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Without anything that could quote what was sent: messages of 422 answers repeat the refused values.
    var withoutValues: APIStatus {
        APIStatus(
            code: code, reason: reason, message: "",
            causes: causes.map { Cause(reason: $0.reason, field: APIStatus.withoutKeys($0.field), message: "") },
            retryAfter: retryAfter, continueToken: continueToken)
    }

    /// `data[password]` stays: keys of a Secret are shown by `kubectl describe` too; quoted text does not.
    private static func withoutKeys(_ field: String) -> String {
        field.contains("\"") ? String(field.prefix { $0 != "\"" }) : field
    }

    /// What a person needs: the server's words, or the refused fields.
    var summary: String {
        if !message.isEmpty { return message }
        let fields = causes.map(\.field).filter { !$0.isEmpty }
        let words = reason.isEmpty ? "status \(code)" : reason
        return fields.isEmpty ? words : "\(words): \(fields.joined(separator: ", "))"
    }
}
