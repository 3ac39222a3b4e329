import Basics
import HTTPTypes
import KubernetesModel

extension ClusterState {
    /// Answers one request. Nothing is changed if it throws.
    mutating func handle(_ request: APIRequest) throws(Refusal) -> Answer {
        guard request.body.count <= settings.maximumRequestBytes else {
            throw Refusal(
                APIStatus(
                    code: 413, reason: "RequestEntityTooLarge",
                    message: "Request entity too large: limit is \(settings.maximumRequestBytes)"))
        }
        let user = try authenticate(request)
        try authorize(request, user)
        switch request.target {
        case .path: return try path(request)
        case .coreVersions, .groups, .group, .resources: return try discovery(request)
        case .resource(let target): return try resource(request, target)
        }
    }

    private mutating func resource(_ request: APIRequest, _ target: ResourceTarget) throws(Refusal) -> Answer {
        guard let kind = catalog.find(target.groupVersion, target.resource) else {
            let isKnownGroup = target.groupVersion.group.isEmpty || catalog.groups.contains(target.groupVersion.group)
            throw isKnownGroup ? .noSuchResource : .pageNotFound
        }
        guard (target.namespace == nil) || kind.isNamespaced,
            target.namespace != nil || !kind.isNamespaced || target.name == nil
        else { throw .noSuchResource }
        if let subresource = target.subresource {
            guard kind.subresources[subresource]?.contains(target.groupVersion.version) ?? false else {
                throw .noSuchResource
            }
            if subresource == "exec", kind.resource == GroupResource("pods"), request.method == .get {
                return try exec(request, target, kind)
            }
            // Nothing runs in here: there are no logs, no terminals, no ports.
            guard ["status", "finalize", "approval"].contains(subresource) else { throw .methodNotAllowed }
        }
        try checkDryRun(request)
        switch (request.method, target.name) {
        case (.get, nil): return request.isWatch ? try watch(request, kind, target) : try list(request, kind, target)
        case (.get, let name?):
            if request.isWatch { return try watch(request, kind, target) }
            return try get(request, kind, target, name)
        case (.post, nil):
            guard kind.isStored else { throw .methodNotAllowed }
            return try create(request, kind, target)
        case (.put, let name?): return try update(request, kind, target, name)
        case (.patch, let name?): return try patch(request, kind, target, name)
        case (.delete, let name?): return try delete(request, kind, target, name)
        case (.delete, nil):
            guard kind.verbs.contains("deletecollection") else { throw .methodNotAllowed }
            return try deleteCollection(request, kind, target)
        default: throw .methodNotAllowed
        }
    }

    private func checkDryRun(_ request: APIRequest) throws(Refusal) {
        guard let dryRun = request.query["dryRun"], dryRun != "All" else { return }
        let options: String
        switch request.method {
        case .post: options = "CreateOptions"
        case .put: options = "UpdateOptions"
        case .patch: options = "PatchOptions"
        default: options = "DeleteOptions"
        }
        throw .invalid(
            kind: options, group: "meta.k8s.io", name: "",
            [.unsupported("dryRun", "[]string{\"\(dryRun)\"}", supported: ["All"])])
    }

    // MARK: Who may do what

    private func authenticate(_ request: APIRequest) throws(Refusal) -> PracticeSettings.User {
        if settings.users.isEmpty { return .init("system:admin", groups: ["system:masters"]) }
        guard let token = request.bearerToken else {
            return .init("system:anonymous", groups: ["system:unauthenticated"])
        }
        guard let user = settings.users[.init(token)] else {
            throw Refusal(APIStatus(code: 401, reason: "Unauthorized", message: "Unauthorized"))
        }
        return user
    }

    private func authorize(_ request: APIRequest, _ user: PracticeSettings.User) throws(Refusal) {
        guard case .resource(let target) = request.target else {
            guard user.name != "system:anonymous" || request.path == "/version" || request.path.hasSuffix("z") else {
                throw .forbidden(path: request.path, user: user.name, verb: request.verb)
            }
            return
        }
        let verb = request.verb
        let isDenied =
            user.name == "system:anonymous"
            || settings.denials.contains { denial in
                denial.user ?? user.name == user.name && denial.verbs?.contains(verb) ?? true
                    && (denial.resource ?? target.groupResource == target.groupResource
                        || denial.resource?.description == target.rightsName)
                    && denial.namespace ?? target.namespace == target.namespace
            }
        guard isDenied else { return }
        let scope = target.namespace.map { "in the namespace \"\($0)\"" } ?? "at the cluster scope"
        throw .forbidden(
            target.groupResource, target.name ?? "",
            "User \"\(user.name)\" cannot \(verb) resource \"\(target.rightsName)\" in API group "
                + "\"\(target.groupVersion.group)\" \(scope)")
    }
}

extension Refusal {
    static func forbidden(path: String, user: String, verb: String) -> Refusal {
        Refusal(
            APIStatus(
                code: 403, reason: "Forbidden",
                message: "forbidden: User \"\(user)\" cannot \(verb) path \"\(path)\""))
    }
}
