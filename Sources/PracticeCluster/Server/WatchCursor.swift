import KubernetesModel

/// How far one watch has read.
struct WatchCursor {
    let kind: ServedKind
    let version: String
    let namespace: String?
    let selection: Selection
    let onlyMetadata: Bool
    let wantsBookmarks: Bool
    /// In seconds from its beginning; nil for as long as the client likes.
    let timeoutSeconds: Int?
    /// Everything up to and including this version was sent.
    var position: Int
    /// Objects that exist at the beginning, if the client named no version; sent as additions.
    var initial: [UInt8]
    var hasFailed = false
}

extension ClusterState {
    mutating func watch(_ request: APIRequest, _ kind: ServedKind, _ target: ResourceTarget) throws(Refusal) -> Answer {
        let selection = try Selection(request, kind: kind)
        let asked = request.query["resourceVersion"] ?? ""
        guard let position = asked.isEmpty || asked == "0" ? version : Int(asked) else {
            throw .plain(
                500,
                "resourceVersion: Invalid value: \"\(asked)\": strconv.ParseUint: parsing \"\(asked)\": invalid syntax")
        }
        var cursor = WatchCursor(
            kind: kind, version: target.groupVersion.version, namespace: target.namespace, selection: selection,
            onlyMetadata: request.wantsMetadataOnly,
            wantsBookmarks: ["1", "true"].contains(request.query["allowWatchBookmarks"] ?? ""),
            timeoutSeconds: request.query["timeoutSeconds"].flatMap { Int($0) }, position: position, initial: [])
        if asked.isEmpty || asked == "0" {
            var lines: [UInt8] = []
            if let view = TableView(&tables[kind.storage, default: ObjectTable()], at: version) {
                view.forEach(in: target.namespace, from: nil, of: tables[kind.storage, default: ObjectTable()]) {
                    if selection.matches($0, $1) {
                        appendEvent("ADDED", rendered($1, kind, cursor.version, cursor.onlyMetadata), to: &lines)
                    }
                    return true
                }
            }
            cursor.initial = lines
        }
        return .watch(cursor)
    }

    /// The lines that `cursor` has not sent yet; empty if there are none.
    func nextLines(_ cursor: inout WatchCursor) -> [UInt8] {
        if !cursor.initial.isEmpty {
            defer { cursor.initial = [] }
            return cursor.initial
        }
        var lines: [UInt8] = []
        guard catalog.named(cursor.kind.resource) != nil else { return lines }
        guard let events = tables[cursor.kind.storage, default: ObjectTable()].events(after: cursor.position) else {
            let message = "too old resource version: \(cursor.position) (\(version))"
            let status = APIStatus(code: 410, reason: "Expired", message: message)
            appendEvent("ERROR", status.json.serialized(), to: &lines)
            cursor.hasFailed = true
            return lines
        }
        for event in events {
            cursor.position = event.resourceVersion
            if let namespace = cursor.namespace, event.key.namespace != namespace { continue }
            let didMatch = event.old.map { cursor.selection.matches(event.key, $0) } ?? false
            let doesMatch = event.new.map { cursor.selection.matches(event.key, $0) } ?? false
            switch (didMatch, doesMatch, event.new ?? event.final) {
            case (false, true, let entry?): append("ADDED", entry, cursor, to: &lines)
            case (true, true, let entry?): append("MODIFIED", entry, cursor, to: &lines)
            case (true, false, let entry?): append("DELETED", entry, cursor, to: &lines)
            default: break
            }
        }
        return lines
    }

    /// Tells how far the watch has come although nothing happened to its objects.
    func bookmark(_ cursor: inout WatchCursor) -> [UInt8] {
        guard cursor.wantsBookmarks, !cursor.hasFailed else { return [] }
        cursor.position = max(cursor.position, version)
        let object: JSONValue = [
            "kind": .string(cursor.kind.kind), "apiVersion": .string(cursor.kind.apiVersion(cursor.version)),
            "metadata": ["resourceVersion": .string(String(cursor.position)), "creationTimestamp": .null],
        ]
        var lines: [UInt8] = []
        appendEvent("BOOKMARK", object.serialized(), to: &lines)
        return lines
    }

    private func append(_ type: String, _ entry: StoredEntry, _ cursor: WatchCursor, to lines: inout [UInt8]) {
        appendEvent(type, rendered(entry, cursor.kind, cursor.version, cursor.onlyMetadata), to: &lines)
    }

    private func appendEvent(_ type: String, _ object: [UInt8], to lines: inout [UInt8]) {
        lines.append(contentsOf: "{\"type\":\"\(type)\",\"object\":".utf8)
        lines.append(contentsOf: object)
        lines.append(contentsOf: "}\n".utf8)
    }
}
