import KubernetesModel

extension ClusterState {
    func get(_ request: APIRequest, _ kind: ServedKind, _ target: ResourceTarget, _ name: String) throws(Refusal)
        -> Answer
    {
        try checkNotAhead(request.query["resourceVersion"])
        guard let entry = entry(kind, ObjectKey(namespace: target.namespace ?? "", name: name)) else {
            throw .notFound(kind.resource, name)
        }
        return .json(code: 200, rendered(entry, kind, target.groupVersion.version, request.wantsMetadataOnly))
    }

    mutating func list(_ request: APIRequest, _ kind: ServedKind, _ target: ResourceTarget) throws(Refusal) -> Answer {
        let selection = try Selection(request, kind: kind)
        let version = target.groupVersion.version
        let limit = request.query["limit"].flatMap { Int($0) } ?? 0
        var start: ObjectKey?
        var viewVersion = self.version
        if let text = request.query["continue"], !text.isEmpty {
            if let asked = request.query["resourceVersion"], !asked.isEmpty, asked != "0" {
                throw .badRequest("specifying resource version is not allowed when using continue")
            }
            let token = try ContinueToken(text)
            start = token.start
            if token.version > 0 { viewVersion = token.version }
        } else {
            try checkNotAhead(request.query["resourceVersion"])
        }
        guard let view = TableView(&tables[kind.storage, default: ObjectTable()], at: viewVersion) else {
            let token = start.map { ContinueToken(version: 0, start: $0).text }
            throw .expired(
                "The provided continue parameter is too old to display a consistent list result. You can start a new "
                    + "list without the continue parameter, or use the continue token in this response to retrieve the "
                    + "remainder of the results. Continuing with the provided token results in an inconsistent list - "
                    + "objects that were created, modified, or deleted between the time the first chunk was returned "
                    + "and now may show up in the list.", continueToken: token)
        }
        var items: [UInt8] = []
        var count = 0
        var remaining = 0
        var last: ObjectKey?
        let onlyMetadata = request.wantsMetadataOnly
        let table = tables[kind.storage, default: ObjectTable()]
        view.forEach(in: target.namespace, from: start, of: table) { key, entry in
            guard selection.matches(key, entry) else { return true }
            if limit > 0, count >= limit {
                // What is left is told only where it is cheap to know, as by etcd: without selectors.
                remaining += 1
                return selection.isEverything
            }
            if count > 0 { items.append(UInt8(ascii: ",")) }
            append(entry, kind, version, onlyMetadata, asItem: true, to: &items)
            count += 1
            last = key
            return true
        }
        var metadata: JSONValue = ["resourceVersion": .string(String(viewVersion))]
        if let last, remaining > 0 {
            // Right behind the last object, so that an inconsistent continuation sees what was put in between.
            let next = ObjectKey(namespace: last.namespace, name: last.name + "\0")
            metadata["continue"] = .string(ContinueToken(version: viewVersion, start: next).text)
            if selection.isEverything { metadata["remainingItemCount"] = .number(JSONNumber(remaining)) }
        }
        let listKind = onlyMetadata ? "PartialObjectMetadataList" : kind.listKind
        let apiVersion = onlyMetadata ? "meta.k8s.io/v1" : kind.apiVersion(version)
        var bytes = Array("{\"kind\":\"\(listKind)\",\"apiVersion\":\"\(apiVersion)\",\"metadata\":".utf8)
        bytes.reserveCapacity(items.count + 256)
        metadata.append(to: &bytes)
        bytes.append(contentsOf: ",\"items\":[".utf8)
        bytes.append(contentsOf: items)
        bytes.append(contentsOf: "]}".utf8)
        return .json(code: 200, bytes)
    }

    private func checkNotAhead(_ text: String?) throws(Refusal) {
        guard let text, !text.isEmpty else { return }
        guard let asked = UInt64(text) else {
            throw .plain(
                500,
                "resourceVersion: Invalid value: \"\(text)\": strconv.ParseUint: parsing \"\(text)\": invalid syntax")
        }
        guard asked <= UInt64(version) else {
            throw Refusal(
                APIStatus(
                    code: 504, reason: "Timeout",
                    message: "Timeout: Too large resource version: \(asked), current: \(version)",
                    causes: [.init(reason: "ResourceVersionTooLarge", message: "Too large resource version")],
                    retryAfterSeconds: 1))
        }
    }

    /// The object as it is sent: with `apiVersion` and `kind` in front.
    func rendered(_ entry: StoredEntry, _ kind: ServedKind, _ version: String, _ onlyMetadata: Bool = false) -> [UInt8]
    {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(entry.bytes.count + 96)
        append(entry, kind, version, onlyMetadata, asItem: false, to: &bytes)
        return bytes
    }

    private func append(
        _ entry: StoredEntry, _ kind: ServedKind, _ version: String, _ onlyMetadata: Bool, asItem: Bool,
        to bytes: inout [UInt8]
    ) {
        if onlyMetadata {
            let metadata = object(entry)["metadata"] ?? [:]
            bytes.append(contentsOf: "{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\",".utf8)
            bytes.append(contentsOf: "\"metadata\":".utf8)
            metadata.append(to: &bytes)
            bytes.append(UInt8(ascii: "}"))
        } else if asItem, !kind.isCustom {
            // Items of built-in lists do not say what they are; the list does.
            bytes.append(contentsOf: entry.bytes)
        } else {
            bytes.append(
                contentsOf: "{\"apiVersion\":\"\(kind.apiVersion(version))\",\"kind\":\"\(kind.kind)\",".utf8)
            bytes.append(contentsOf: entry.bytes.dropFirst())
        }
    }
}

extension APIRequest {
    var wantsMetadataOnly: Bool {
        accept.contains("as=PartialObjectMetadata;") || accept.contains("as=PartialObjectMetadataList;")
    }
}

/// Which objects a list or a watch is about, beside the namespace.
struct Selection {
    private let labels: LabelSelector
    private let fields: FieldSelector
    private let name: String?

    init(_ request: APIRequest, kind: ServedKind) throws(Refusal) {
        do throws(SelectorError) {
            labels = try LabelSelector(parsing: request.query["labelSelector"] ?? "")
            fields = try FieldSelector(parsing: request.query["fieldSelector"] ?? "")
        } catch {
            throw .badRequest(error.message)
        }
        if case .resource(let target) = request.target { name = target.name } else { name = nil }
        let known = Selection.knownFields(kind)
        for requirement in fields.requirements where !known.contains(requirement.field) {
            throw .badRequest(Selection.unknownField(requirement.field, kind))
        }
    }

    var isEverything: Bool { labels.isEverything && fields.requirements.isEmpty && name == nil }

    func matches(_ key: ObjectKey, _ entry: StoredEntry) -> Bool {
        guard name == nil || name == key.name, labels.matches(entry.labels) else { return false }
        if fields.requirements.isEmpty { return true }
        var object: JSONValue?
        return fields.matches { field in
            switch field {
            case "metadata.name": return key.name
            case "metadata.namespace": return key.namespace
            default:
                if object == nil { object = try? JSONValue(parsing: entry.bytes) }  // Our own bytes: they parse.
                switch object?[field.split(separator: ".").map(String.init)] {
                case .string(let text)?: return text
                case .bool(let value)?: return String(value)
                case .number(let number)?: return number.text
                default: return field == "spec.unschedulable" ? "false" : ""
                }
            }
        }
    }

    private static func knownFields(_ kind: ServedKind) -> Set<String> {
        var known: Set<String> = ["metadata.name"]
        if kind.isNamespaced || !kind.isCustom { known.insert("metadata.namespace") }
        switch kind.storage.description {
        case "pods":
            known.formUnion([
                "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "status.phase",
                "status.podIP", "status.nominatedNodeName",
            ])
        case "secrets": known.insert("type")
        case "namespaces": known.insert("status.phase")
        case "nodes": known.insert("spec.unschedulable")
        case "replicasets.apps", "replicationcontrollers": known.insert("status.replicas")
        case "jobs.batch": known.insert("status.successful")
        case "events":
            known.formUnion([
                "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
                "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
                "reportingComponent", "source", "type",
            ])
        default: break
        }
        return known
    }

    private static func unknownField(_ field: String, _ kind: ServedKind) -> String {
        if kind.isCustom { return "field label not supported: \(field)" }
        return "\"\(field)\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
    }
}
