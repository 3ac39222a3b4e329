package import KubernetesModel

extension ResourcePolicy {
    /// Reads the YAML of a policy. Strict: a field that nobody knows is an error, because a condition that is not
    /// understood would let the wrong volumes through.
    ///
    /// - Throws: `.invalid` with the place and the reason.
    package init(parsing yaml: String) throws(ClusterBackupError) {
        let document: JSONValue
        do {
            document = try YAMLDocument.json(yaml)
        } catch {
            throw ClusterBackupError(.invalid, "resource policies: \(error.message)", cause: error)
        }
        self.init()
        let root = try PolicyMap(document, at: "resource policies")
        try root.allow(["version", "volumePolicies", "includeExcludePolicy"])
        guard try root.text("version") == "v1" else { throw root.problem("version must be v1") }
        for (index, element) in try root.list("volumePolicies").enumerated() {
            volumePolicies.append(try VolumePolicy(PolicyMap(element, at: "volumePolicies[\(index)]")))
        }
        if let policy = try root.map("includeExcludePolicy") { includeExclude = try IncludeExcludePolicy(policy) }
    }

    /// Reads the ConfigMap that a backup names: it must have exactly one key.
    package init(configMap: APIObject) throws(ClusterBackupError) {
        let data = configMap.json["data"]?.object ?? [:]
        guard data.count == 1, let text = data.values.first?.string else {
            throw ClusterBackupError(
                .invalid, "ConfigMap \(configMap.name) of resource policies must have one key, not \(data.count)")
        }
        try self.init(parsing: text)
    }
}

extension IncludeExcludePolicy {
    fileprivate init(_ map: PolicyMap) throws(ClusterBackupError) {
        self.init()
        let names = [
            "includedClusterScopedResources", "excludedClusterScopedResources", "includedNamespaceScopedResources",
            "excludedNamespaceScopedResources",
        ]
        try map.allow(names)
        for name in names where try map.texts(name).contains("*") { throw map.problem("\(name) may not have '*'") }
        includedClusterScopedResources = try map.texts(names[0])
        excludedClusterScopedResources = try map.texts(names[1])
        includedNamespaceScopedResources = try map.texts(names[2])
        excludedNamespaceScopedResources = try map.texts(names[3])
    }
}

extension VolumePolicy {
    fileprivate init(_ map: PolicyMap) throws(ClusterBackupError) {
        try map.allow(["conditions", "action"])
        guard let action = try map.map("action") else { throw map.problem("action is missing") }
        try action.allow(["type", "parameters"])
        let type = try action.text("type") ?? ""
        guard let known = Action(rawValue: type) else {
            let names = Action.allCases.map(\.rawValue).joined(separator: ", ")
            throw action.problem("type '\(type)' is none of \(names)")
        }
        self.init(action: known)
        parameters = try action.textMap("parameters")
        if let conditions = try map.map("conditions") { self.conditions = try Conditions(conditions) }
    }
}

extension VolumePolicy.Conditions {
    fileprivate init(_ map: PolicyMap) throws(ClusterBackupError) {
        self.init()
        try map.allow(["capacity", "storageClass", "nfs", "csi", "volumeTypes", "pvcLabels", "pvcPhase"])
        if let text = try map.text("capacity") {
            (minimumCapacity, maximumCapacity) = try VolumePolicy.Conditions.bounds(text, map)
        }
        storageClasses = try map.texts("storageClass")
        if let part = try map.map("nfs") {
            try part.allow(["server", "path"])
            var nfs = VolumePolicy.NFS()
            nfs.server = try part.text("server") ?? ""
            nfs.path = try part.text("path") ?? ""
            self.nfs = nfs
        }
        if let part = try map.map("csi") {
            try part.allow(["driver", "volumeAttributes"])
            var csi = VolumePolicy.CSI()
            csi.driver = try part.text("driver") ?? ""
            csi.volumeAttributes = try part.textMap("volumeAttributes")
            self.csi = csi
        }
        volumeTypes = try map.texts("volumeTypes")
        pvcLabels = try map.textMap("pvcLabels")
        pvcPhases = try map.texts("pvcPhase")
    }

    /// `low,high`, either side empty for no bound.
    private static func bounds(_ text: String, _ map: PolicyMap) throws(ClusterBackupError) -> (Int64?, Int64?) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            String(part.filter { $0 != " " })
        }
        guard parts.count == 2 else { throw map.problem("capacity '\(text)' is not 'LOW,HIGH'") }
        var bounds: [Int64?] = []
        for part in parts {
            guard !part.isEmpty else {
                bounds.append(nil)
                continue
            }
            guard let bytes = Quantity(part)?.roundedUp else { throw map.problem("'\(part)' is no quantity") }
            bounds.append(bytes)
        }
        if let low = bounds[0], let high = bounds[1], low > high {
            throw map.problem("capacity '\(text)' has its bounds the wrong way round")
        }
        return (bounds[0], bounds[1])
    }
}

/// A mapping of the YAML with its place, for messages.
private struct PolicyMap {
    private let members: [String: JSONValue]
    private let place: String

    init(_ json: JSONValue, at place: String) throws(ClusterBackupError) {
        guard let members = json.object else { throw ClusterBackupError(.invalid, "\(place): not a mapping") }
        self.members = members
        self.place = place
    }

    func problem(_ what: String) -> ClusterBackupError { ClusterBackupError(.invalid, "\(place): \(what)") }

    func allow(_ names: [String]) throws(ClusterBackupError) {
        if let unknown = members.keys.filter({ !names.contains($0) }).min() {
            throw problem("unknown field '\(unknown)'")
        }
    }

    private func member(_ name: String) -> JSONValue? {
        members[name].flatMap { $0.isNull ? nil : $0 }
    }

    func text(_ name: String) throws(ClusterBackupError) -> String? {
        guard let value = member(name) else { return nil }
        guard let text = value.string else { throw problem("\(name) is no text") }
        return text
    }

    func list(_ name: String) throws(ClusterBackupError) -> [JSONValue] {
        guard let value = member(name) else { return [] }
        guard let list = value.array else { throw problem("\(name) is no list") }
        return list
    }

    func texts(_ name: String) throws(ClusterBackupError) -> [String] {
        var texts: [String] = []
        for element in try list(name) {
            guard let text = element.string else { throw problem("\(name) has an element that is no text") }
            texts.append(text)
        }
        return texts
    }

    func map(_ name: String) throws(ClusterBackupError) -> PolicyMap? {
        guard let value = member(name) else { return nil }
        return try PolicyMap(value, at: "\(place).\(name)")
    }

    func textMap(_ name: String) throws(ClusterBackupError) -> [String: String] {
        guard let map = try map(name) else { return [:] }
        var texts: [String: String] = [:]
        for (key, value) in map.members {
            guard let text = value.string else { throw map.problem("\(key) is no text") }
            texts[key] = text
        }
        return texts
    }
}
