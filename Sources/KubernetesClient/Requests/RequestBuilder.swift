internal import HTTPTypes
internal import KubernetesModel
internal import NIOCore
internal import Transport

/// Makes requests to one API server as values; sends nothing.
struct RequestBuilder: Sendable {
    let endpoint: APIEndpoint
    let impersonation: Impersonation?
    let userAgent: String

    /// A GET of something that is no object: discovery, version, health.
    func read(_ path: String, accept: String = "application/json") -> APIRequest {
        make(.get, endpoint.basePath + path, subject: "get \(path)", repeatability: .always, accept: accept)
    }

    func list(
        _ kind: ResourceKind, in namespace: String?, options: ListOptions, continueToken: String?
    ) throws(APIError) -> APIRequest {
        var query = Query()
        query.add("labelSelector", options.labelSelector)
        query.add("fieldSelector", options.fieldSelector)
        if options.pageSize > 0 { query.add("limit", String(options.pageSize)) }
        query.add("continue", continueToken)
        // A continue token carries its version; the server refuses both together.
        if continueToken == nil { query.add("resourceVersion", options.resourceVersion) }
        return try request(.get, kind, namespace: namespace, needsNamespace: false, verb: "list", query: query)
    }

    func get(
        _ kind: ResourceKind, _ name: String, in namespace: String?, subresource: String?
    ) throws(APIError) -> APIRequest {
        try request(.get, kind, namespace: namespace, name: name, subresource: subresource, verb: "get")
    }

    func create(
        _ kind: ResourceKind, in namespace: String?, name: String?, subresource: String?, _ body: [UInt8],
        options: WriteOptions
    ) throws(APIError) -> APIRequest {
        var request = try request(
            .post, kind, namespace: namespace, name: name, subresource: subresource, verb: "create",
            repeatability: .ifUnseen, query: Query(options))
        request.setBody(body, "application/json")
        return request
    }

    func update(
        _ kind: ResourceKind, _ name: String, in namespace: String?, subresource: String?, _ body: [UInt8],
        options: WriteOptions
    ) throws(APIError) -> APIRequest {
        var request = try request(
            .put, kind, namespace: namespace, name: name, subresource: subresource, verb: "update",
            repeatability: .ifUnseen, query: Query(options))
        request.setBody(body, "application/json")
        return request
    }

    func patch(
        _ kind: ResourceKind, _ name: String, in namespace: String?, subresource: String?, _ patch: Patch,
        options: WriteOptions
    ) throws(APIError) -> APIRequest {
        var options = options
        var query = Query()
        if case .apply(_, let fieldManager, let force) = patch {
            options.fieldManager = fieldManager
            if force { query.add("force", "true") }
        }
        query.add(options)
        var request = try request(
            .patch, kind, namespace: namespace, name: name, subresource: subresource, verb: "patch",
            repeatability: patch.repeatability, query: query)
        request.setBody(patch.bytes, patch.contentType)
        return request
    }

    func delete(
        _ kind: ResourceKind, _ name: String, in namespace: String?, options: DeleteOptions
    ) throws(APIError) -> APIRequest {
        var request = try request(.delete, kind, namespace: namespace, name: name, verb: "delete")
        request.setBody(options.body.serialized(), "application/json")
        return request
    }

    func deleteCollection(
        _ kind: ResourceKind, in namespace: String?, selecting: ListOptions, options: DeleteOptions
    ) throws(APIError) -> APIRequest {
        var query = Query()
        query.add("labelSelector", selecting.labelSelector)
        query.add("fieldSelector", selecting.fieldSelector)
        var request = try request(
            .delete, kind, namespace: namespace, needsNamespace: true, verb: "delete all", query: query)
        request.setBody(options.body.serialized(), "application/json")
        return request
    }

    func watch(
        _ kind: ResourceKind, in namespace: String?, options: WatchOptions, resourceVersion: String,
        timeoutSeconds: Int
    ) throws(APIError) -> APIRequest {
        var query = Query()
        query.add("watch", "true")
        query.add("allowWatchBookmarks", "true")
        query.add("resourceVersion", resourceVersion)
        query.add("timeoutSeconds", String(timeoutSeconds))
        query.add("labelSelector", options.labelSelector)
        query.add("fieldSelector", options.fieldSelector)
        return try request(.get, kind, namespace: namespace, needsNamespace: false, verb: "watch", query: query)
    }

    /// A WebSocket to `exec` of a pod. Never sent a second time unless the server cannot have acted on the first.
    func exec(_ command: ExecCommand, stdin: Bool, _ handshake: WebSocketHandshake) throws(APIError) -> APIRequest {
        var query = Query()
        for word in command.command { query.addAlways("command", word) }
        query.add("container", command.container)
        if stdin { query.add("stdin", "true") }
        query.add("stdout", "true")
        query.add("stderr", "true")
        var request = try request(
            .get, ExecCommand.pods, namespace: command.namespace, name: command.pod, subresource: "exec",
            verb: "exec in",
            repeatability: .ifUnseen, query: query)
        // Kubelets and container runtimes on the way answer 406 to whoever insists on JSON.
        request.transport.head.headerFields[.accept] = "*/*"
        handshake.add(to: &request.transport.head.headerFields)
        request.transport.isUpgrade = true
        return request
    }

    private func request(
        _ method: HTTPRequest.Method, _ kind: ResourceKind, namespace: String?, name: String? = nil,
        subresource: String? = nil, needsNamespace: Bool = true, verb: String,
        repeatability: APIRequest.Repeatability = .always, query: Query = Query()
    ) throws(APIError) -> APIRequest {
        let path = try ResourcePath(
            base: endpoint.basePath, kind, namespace: namespace, name: name, subresource: subresource,
            needsNamespace: needsNamespace)
        let place = [kind.isNamespaced ? namespace : nil, name, subresource].compactMap(\.self)
        return make(
            method, path.text + query.text,
            subject: ([verb + " " + kind.groupResource.description] + place).joined(separator: "/"),
            repeatability: repeatability, concernsSecret: kind.groupResource == GroupResource("secrets"))
    }

    private func make(
        _ method: HTTPRequest.Method, _ path: String, subject: String, repeatability: APIRequest.Repeatability,
        accept: String = "application/json", concernsSecret: Bool = false
    ) -> APIRequest {
        var head = HTTPRequest(
            method: method, scheme: endpoint.scheme, authority: endpoint.authority.description, path: path)
        head.headerFields[.accept] = accept
        head.headerFields[.userAgent] = userAgent
        if let impersonation { impersonation.add(to: &head.headerFields) }
        return APIRequest(
            transport: TransportRequest(head: head), subject: subject, repeatability: repeatability,
            concernsSecret: concernsSecret)
    }
}

extension APIRequest {
    fileprivate mutating func setBody(_ bytes: [UInt8], _ contentType: String) {
        transport.head.headerFields[.contentType] = contentType
        transport.body = .bytes(ByteBuffer(bytes: bytes))
    }
}

/// The part of a URL after `?`.
private struct Query {
    /// Empty, or with its question mark.
    var text = ""

    init() {}
    init(_ options: WriteOptions) { add(options) }

    mutating func add(_ name: String, _ value: String?) {
        guard let value, !value.isEmpty else { return }
        addAlways(name, value)
    }

    /// Also an empty value.
    mutating func addAlways(_ name: String, _ value: String) {
        text += (text.isEmpty ? "?" : "&") + name + "=" + PercentEncoding.encode(value)
    }

    mutating func add(_ options: WriteOptions) {
        add("fieldManager", options.fieldManager)
        if options.isDryRun { add("dryRun", "All") }
        add("fieldValidation", options.fieldValidation?.rawValue)
    }
}

extension Impersonation {
    fileprivate func add(to fields: inout HTTPFields) {
        func append(_ name: String, _ value: String) {
            // A name that is no header name cannot be asked for: extra keys are percent-encoded, as the server expects.
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        append("Impersonate-User", user)
        if let uid { append("Impersonate-Uid", uid) }
        for group in groups { append("Impersonate-Group", group) }
        for (key, values) in extra.sorted(by: { $0.key < $1.key }) {
            for value in values { append("Impersonate-Extra-" + PercentEncoding.encode(key), value) }
        }
    }
}
