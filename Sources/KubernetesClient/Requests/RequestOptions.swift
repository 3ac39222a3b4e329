internal import KubernetesModel

/// What to list, and how.
package struct ListOptions: Sendable, Hashable {
    /// `app=web,tier!=db`, as `kubectl -l` takes it; checked by the server.
    package var labelSelector: String?
    /// `metadata.name=x`; which fields may be used depends on the kind.
    package var fieldSelector: String?
    /// Objects for each page; 0 for a single page, whatever its size.
    package var pageSize: Int
    /// Nil for the newest state, `0` for whatever the server has at hand.
    package var resourceVersion: String?

    package init(
        labelSelector: String? = nil, fieldSelector: String? = nil, pageSize: Int = 500, resourceVersion: String? = nil
    ) {
        self.labelSelector = labelSelector
        self.fieldSelector = fieldSelector
        self.pageSize = pageSize
        self.resourceVersion = resourceVersion
    }
}

/// How to write.
package struct WriteOptions: Sendable, Hashable {
    /// What the server does with fields it does not know. Servers before 1.25 ignore the wish. Source: Kubernetes API
    /// concepts, "Field validation".
    package enum FieldValidation: String, Sendable { case ignore = "Ignore", warn = "Warn", strict = "Strict" }

    /// The name that `managedFields` records; at most 128 characters.
    package var fieldManager: String?
    /// Everything is checked and nothing is kept.
    package var isDryRun: Bool
    package var fieldValidation: FieldValidation?

    package init(fieldManager: String? = nil, isDryRun: Bool = false, fieldValidation: FieldValidation? = nil) {
        self.fieldManager = fieldManager
        self.isDryRun = isDryRun
        self.fieldValidation = fieldValidation
    }
}

/// How to delete. Source: Kubernetes API reference, `DeleteOptions`.
package struct DeleteOptions: Sendable, Hashable {
    package enum Propagation: String, Sendable {
        case background = "Background", foreground = "Foreground", orphan = "Orphan"
    }

    /// The delete happens only if the object still has this uid, or this resource version; otherwise `.conflict`.
    package var uid: String?
    package var resourceVersion: String?
    /// What becomes of the objects it owns; nil for the kind's default.
    package var propagation: Propagation?
    /// Nil for the object's own; 0 deletes at once.
    package var gracePeriodSeconds: Int?
    package var isDryRun: Bool

    package init(
        uid: String? = nil, resourceVersion: String? = nil, propagation: Propagation? = nil,
        gracePeriodSeconds: Int? = nil, isDryRun: Bool = false
    ) {
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.propagation = propagation
        self.gracePeriodSeconds = gracePeriodSeconds
        self.isDryRun = isDryRun
    }

    var body: JSONValue {
        var body: JSONValue = ["apiVersion": "v1", "kind": "DeleteOptions"]
        if let uid { body["preconditions", "uid"] = .string(uid) }
        if let resourceVersion { body["preconditions", "resourceVersion"] = .string(resourceVersion) }
        if let propagation { body["propagationPolicy"] = .string(propagation.rawValue) }
        if let gracePeriodSeconds { body["gracePeriodSeconds"] = .number(JSONNumber(gracePeriodSeconds)) }
        if isDryRun { body["dryRun"] = ["All"] }
        return body
    }
}

/// What to watch.
package struct WatchOptions: Sendable, Hashable {
    package var labelSelector: String?
    package var fieldSelector: String?

    package init(labelSelector: String? = nil, fieldSelector: String? = nil) {
        self.labelSelector = labelSelector
        self.fieldSelector = fieldSelector
    }
}

/// A change to an object, in one of the ways the API knows. Source: Kubernetes documentation, "Update API objects in place
/// using kubectl patch"; "Server-side apply".
package enum Patch: Sendable, Hashable {
    /// RFC 6902. Not repeated when its answer is lost: adding to a list twice is not adding once.
    case json([UInt8])
    /// RFC 7386.
    case merge([UInt8])
    /// For built-in kinds only.
    case strategic([UInt8])
    /// Server-side apply. `force` takes over fields that others manage.
    case apply([UInt8], fieldManager: String, force: Bool)

    var bytes: [UInt8] {
        switch self {
        case .json(let bytes), .merge(let bytes), .strategic(let bytes), .apply(let bytes, _, _): bytes
        }
    }

    var contentType: String {
        switch self {
        case .json: "application/json-patch+json"
        case .merge: "application/merge-patch+json"
        case .strategic: "application/strategic-merge-patch+json"
        case .apply: "application/apply-patch+yaml"
        }
    }

    var repeatability: APIRequest.Repeatability {
        if case .json = self { .ifUnseen } else { .always }
    }
}
