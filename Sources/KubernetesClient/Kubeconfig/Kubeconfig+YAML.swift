internal import Basics
internal import KubernetesModel
internal import Yams

extension Kubeconfig {
    /// Reads one file. Fields that are not known are ignored, as kubectl does.
    ///
    /// - Parameter path: for messages, and because files are named relative to it.
    /// - Throws: `.configuration` that names file and entry.
    init(yaml text: String, path: String) throws(APIError) {
        let folder = Machine.folder(of: path)
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            // Yams quotes the line it stumbles over, which may hold a token.
            throw APIError(.configuration, "\(path) is not valid YAML\(YAMLPlace(error).description)")
        }
        sources = [path]
        guard let root, !root.isNull else { return }
        guard root.mapping != nil else { throw APIError(.configuration, "\(path) is no kubeconfig") }
        if let kind = root.text("kind"), kind != "Config" {
            throw APIError(.configuration, "\(path) is no kubeconfig: its kind is '\(printable(kind))'")
        }
        currentContext = root.text("current-context")
        for (name, entry) in try root.named("clusters", "cluster", path) {
            clusters[name] = try Cluster(entry, folder, "\(path): cluster '\(printable(name))'")
        }
        for (name, entry) in try root.named("users", "user", path) {
            users[name] = try User(entry, folder, "\(path): user '\(printable(name))'")
        }
        for (name, entry) in try root.named("contexts", "context", path) {
            contexts[name] = Context(
                cluster: entry.text("cluster") ?? "", user: entry.text("user") ?? "", namespace: entry.text("namespace")
            )
        }
    }
}

extension Kubeconfig.Cluster {
    fileprivate init(_ entry: Node, _ folder: String, _ place: String) throws(APIError) {
        server = entry.text("server") ?? ""
        certificateAuthority = try entry.fileOrData("certificate-authority", folder, place)
        insecureSkipTLSVerify = entry["insecure-skip-tls-verify"]?.bool ?? false
        tlsServerName = entry.text("tls-server-name")
        proxyURL = entry.text("proxy-url")
        for item in entry["extensions"]?.array() ?? [] where item.text("name") == "client.authentication.k8s.io/exec" {
            execConfig = item["extension"].flatMap { JSONValue(yaml: $0) }
        }
    }
}

extension Kubeconfig.User {
    fileprivate init(_ entry: Node, _ folder: String, _ place: String) throws(APIError) {
        clientCertificate = try entry.fileOrData("client-certificate", folder, place)
        clientKey = try entry.fileOrData("client-key", folder, place)
        token = entry.text("token").map { Secret($0) }
        tokenFile = entry.text("tokenFile").map { Machine.resolve($0, in: folder) }
        username = entry.text("username")
        password = entry.text("password").map { Secret($0) }
        if let exec = entry["exec"], !exec.isNull { self.exec = try ExecPlugin(exec, folder, place) }
        if let provider = entry["auth-provider"], !provider.isNull { authProvider = provider.text("name") ?? "unnamed" }
        if let user = entry.text("as") {
            impersonation = Impersonation(
                user: user, uid: entry.text("as-uid"), groups: (entry["as-groups"]?.array() ?? []).compactMap(\.string),
                extra: entry["as-user-extra"]?.stringLists ?? [:])
        }
    }
}

extension ExecPlugin {
    fileprivate init(_ entry: Node, _ folder: String, _ place: String) throws(APIError) {
        apiVersion = entry.text("apiVersion") ?? ""
        guard let command = entry.text("command") else {
            throw APIError(.configuration, "\(place): its exec plug-in names no command")
        }
        // With a slash in it, but not at its front, it is relative to the kubeconfig; without any it is looked for in PATH.
        self.command = command.contains("/") ? Machine.resolve(command, in: folder) : command
        arguments = (entry["args"]?.array() ?? []).compactMap(\.string)
        for variable in entry["env"]?.array() ?? [] {
            if let name = variable.text("name") { environment[name] = variable["value"]?.string ?? "" }
        }
        installHint = entry.text("installHint")
        providesClusterInfo = entry["provideClusterInfo"]?.bool ?? false
        if let mode = entry.text("interactiveMode") {
            guard let known = InteractiveMode(rawValue: mode) else {
                throw APIError(
                    .configuration,
                    "\(place): interactiveMode is '\(printable(mode))'; expected Never, IfAvailable or Always")
            }
            interactiveMode = known
        }
    }
}

/// The line of a YAML error, without the text of that line.
private struct YAMLPlace {
    let description: String

    init(_ error: any Error) {
        switch error as? YamlError {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _):
            description = ": line \(mark.line), column \(mark.column)"
        default: description = ""
        }
    }
}

extension Node {
    fileprivate var isNull: Bool {
        guard case .scalar(let scalar) = self else { return false }
        return scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// The text of a scalar that is not empty and not null.
    fileprivate func text(_ key: String) -> String? {
        guard let node = self[key], !node.isNull, let text = node.scalar?.string, !text.isEmpty else { return nil }
        return text
    }

    /// The entries of a list such as `clusters`, by name; the first of a name wins.
    fileprivate func named(_ list: String, _ entry: String, _ path: String) throws(APIError) -> [(String, Node)] {
        guard let node = self[list], !node.isNull else { return [] }
        guard let items = node.sequence else { throw APIError(.configuration, "\(path): '\(list)' is no list") }
        var seen: Set<String> = []
        return items.compactMap { item in
            guard let name = item["name"]?.scalar?.string, let value = item[entry], value.mapping != nil,
                seen.insert(name).inserted
            else { return nil }
            return (name, value)
        }
    }

    /// `KEY-data` in base64, or the file that `KEY` names; the data win.
    fileprivate func fileOrData(_ key: String, _ folder: String, _ place: String) throws(APIError) -> FileOrData? {
        if let data = text("\(key)-data") {
            guard let bytes = Base64.decode(data), let text = String(validating: bytes, as: UTF8.self) else {
                throw APIError(.configuration, "\(place): \(key)-data is not PEM text in base64")
            }
            return .data(Secret(text))
        }
        return text(key).map { .file(Machine.resolve($0, in: folder)) }
    }

    fileprivate var stringLists: [String: [String]] {
        var lists: [String: [String]] = [:]
        for (key, value) in mapping ?? [:] {
            if let key = key.scalar?.string { lists[key] = value.array().compactMap(\.string) }
        }
        return lists
    }
}
