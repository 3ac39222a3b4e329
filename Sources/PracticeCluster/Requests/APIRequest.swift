import HTTPTypes
import KubernetesModel
import Transport

/// A request as the server reads it: what to do with which object, and the options of the query.
struct APIRequest {
    let head: HTTPRequest
    let method: HTTPRequest.Method
    let path: String
    let query: [String: String]
    let contentType: String
    let accept: String
    let userAgent: String
    /// Nil without an `Authorization` header.
    let bearerToken: String?
    let body: [UInt8]
    let target: Target

    enum Target {
        /// `/version`, `/healthz`, …
        case path
        case coreVersions
        case groups
        case group(String)
        case resources(GroupVersion)
        case resource(ResourceTarget)
    }

    init(_ head: HTTPRequest, body: [UInt8]) throws(Refusal) {
        self.head = head
        method = head.method
        let whole = head.path ?? "/"
        let parts = whole.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let encoded = parts[0]
        var segments: [String] = []
        for segment in encoded.split(separator: "/") {
            guard let decoded = PercentEncoding.decode(segment) else {
                throw .badRequest("the path is not percent-encoded: \(segment)")
            }
            segments.append(decoded)
        }
        path = "/" + segments.joined(separator: "/")
        query = try APIRequest.query(parts.count == 2 ? parts[1] : "")
        contentType = APIRequest.mediaType(head.headerFields[.contentType])
        accept = head.headerFields[.accept] ?? ""
        userAgent = head.headerFields[.userAgent] ?? ""
        bearerToken = head.headerFields[.authorization].flatMap { header in
            header.lowercased().hasPrefix("bearer ") ? String(header.dropFirst(7)) : nil
        }
        self.body = body
        target = APIRequest.target(segments)
    }

    /// Every value of a parameter that may be given more than once, in order.
    func values(of name: String) -> [String] {
        let text = (head.path ?? "").split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
        return text.split(separator: "&").compactMap { pair in
            guard pair.hasPrefix(name + "=") else { return nil }
            return PercentEncoding.decode(pair.dropFirst(name.count + 1).replacing("+", with: "%20"))
        }
    }

    var isWatch: Bool { ["1", "true"].contains(query["watch"] ?? "") }

    /// The verb that rules are about, in the words of Kubernetes.
    var verb: String {
        guard case .resource(let target) = target else { return "get" }
        switch method {
        case .get where target.name != nil: return "get"
        case .get: return isWatch ? "watch" : "list"
        case .post: return "create"
        case .put: return "update"
        case .patch: return "patch"
        case .delete: return target.name == nil ? "deletecollection" : "delete"
        default: return method.rawValue.lowercased()
        }
    }

    /// The name that a write is recorded under: the query's, else the program's.
    var fieldManager: String {
        query["fieldManager"] ?? String(userAgent.prefix { $0 != "/" })
    }

    private static func query(_ text: Substring) throws(Refusal) -> [String: String] {
        var query: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? parts[1].replacing("+", with: "%20") : ""
            guard let name = PercentEncoding.decode(parts[0]), let value = PercentEncoding.decode(value) else {
                throw .badRequest("the query is not percent-encoded")
            }
            query[name] = value
        }
        return query
    }

    private static func mediaType(_ header: String?) -> String {
        (header ?? "").split(separator: ";").first.map { $0.filter { $0 != " " }.lowercased() } ?? ""
    }

    private static func target(_ segments: [String]) -> Target {
        switch segments.first {
        case "api":
            if segments.count == 1 { return .coreVersions }
            let version = GroupVersion(group: "", version: segments[1])
            if segments.count == 2 { return .resources(version) }
            return resource(version, segments.dropFirst(2))
        case "apis":
            if segments.count == 1 { return .groups }
            if segments.count == 2 { return .group(segments[1]) }
            let version = GroupVersion(group: segments[1], version: segments[2])
            if segments.count == 3 { return .resources(version) }
            return resource(version, segments.dropFirst(3))
        default: return .path
        }
    }

    private static func resource(_ version: GroupVersion, _ segments: ArraySlice<String>) -> Target {
        var rest = segments
        var namespace: String?
        // `namespaces/x/status` is about the namespace; `namespaces/x/pods` about what is in it.
        let isSubresource = rest.count == 3 && ["status", "finalize"].contains(rest[rest.endIndex - 1])
        if rest.first == "namespaces", rest.count > 2, !isSubresource {
            namespace = rest[rest.startIndex + 1]
            rest = rest.dropFirst(2)
        }
        let parts = Array(rest)
        guard let name = parts.first, parts.count <= 3 else { return .path }
        return .resource(
            ResourceTarget(
                groupVersion: version, resource: name, namespace: namespace, name: parts.count > 1 ? parts[1] : nil,
                subresource: parts.count > 2 ? parts[2] : nil))
    }
}

/// The resource that a URL names.
struct ResourceTarget {
    let groupVersion: GroupVersion
    let resource: String
    let namespace: String?
    let name: String?
    let subresource: String?

    var groupResource: GroupResource { GroupResource(group: groupVersion.group, resource: resource) }

    /// As rules spell it: `pods`, `pods/exec`.
    var rightsName: String { subresource.map { "\(resource)/\($0)" } ?? resource }
}
