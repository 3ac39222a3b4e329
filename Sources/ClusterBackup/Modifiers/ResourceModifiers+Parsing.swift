import KubernetesModel

extension ResourceModifiers {
    /// Reads the one data key of the ConfigMap. Strict: an unknown field is an error, because a misspelt condition would
    /// change other objects than were meant.
    package init(parsing yaml: String) throws(ActionError) {
        let document = try YAMLDocument.json(yaml)
        try StrictFields.check(document, ["version", "resourceModifierRules"], at: "the resource modifiers")
        guard document["version"]?.string == "v1" else {
            throw ActionError("the resource modifiers need 'version: v1'")
        }
        var rules: [Rule] = []
        for (index, json) in (document["resourceModifierRules"]?.array ?? []).enumerated() {
            rules.append(try Rule(json, at: "resource modifier rule \(index + 1)"))
        }
        self.init(rules: rules)
    }
}

extension ResourceModifiers.Rule {
    private static let patchFields = ["patches", "mergePatches", "strategicPatches"]

    fileprivate init(_ json: JSONValue, at place: String) throws(ActionError) {
        try StrictFields.check(json, ["conditions"] + ResourceModifiers.Rule.patchFields, at: place)
        conditions = try ModifierConditions(json["conditions"] ?? .null, at: place)
        let kinds = ResourceModifiers.Rule.patchFields.filter { !(json[$0]?.array ?? []).isEmpty }
        guard kinds.count == 1, let kind = kinds.first, let list = json[kind]?.array else {
            throw ActionError(
                "\(place) must have patches of exactly one kind: patches, mergePatches or strategicPatches")
        }
        switch kind {
        case "patches": change = .json(try ResourceModifiers.Rule.jsonPatch(list, at: place))
        case "mergePatches":
            var patches: [MergePatch] = []
            for data in list { patches.append(MergePatch(try ResourceModifiers.Rule.patchData(data, at: place))) }
            change = .merge(patches)
        default:
            var patches: [StrategicMergePatch] = []
            for data in list {
                patches.append(StrategicMergePatch(try ResourceModifiers.Rule.patchData(data, at: place)))
            }
            change = .strategic(patches)
        }
    }

    private static func patchData(_ json: JSONValue, at place: String) throws(ActionError) -> JSONValue {
        try StrictFields.check(json, ["patchData"], at: place)
        guard let text = json["patchData"]?.string else { throw ActionError("\(place): patchData must be a text") }
        let patch = try YAMLDocument.json(text)
        guard patch.object != nil else { throw ActionError("\(place): patchData must hold an object") }
        return patch
    }

    private static func jsonPatch(_ list: [JSONValue], at place: String) throws(ActionError) -> JSONPatch {
        var operations: [JSONValue] = []
        for json in list {
            try StrictFields.check(json, ["operation", "from", "path", "value"], at: place)
            var operation: JSONValue = ["op": json["operation"] ?? .null, "path": json["path"] ?? .null]
            if let from = json["from"] { operation["from"] = from }
            if let name = json["operation"]?.string, ["add", "replace", "test"].contains(name) {
                operation["value"] = ModifierValue.json(json["value"])
            }
            operations.append(operation)
        }
        do {
            return try JSONPatch(.array(operations))
        } catch {
            throw ActionError("\(place): \(error.message)")
        }
    }
}

extension ModifierConditions {
    fileprivate init(_ json: JSONValue, at place: String) throws(ActionError) {
        try StrictFields.check(
            json, ["groupResource", "resourceNameRegex", "namespaces", "labelSelector", "matches"],
            at: "\(place), conditions")
        guard let pattern = json["groupResource"]?.string, !pattern.isEmpty else {
            throw ActionError("\(place) needs conditions.groupResource")
        }
        self.init(groupResource: try DottedGlob(pattern))
        if let regex = json["resourceNameRegex"]?.string, !regex.isEmpty {
            nameRegex = try RegularExpression(regex)
        }
        namespaces = Set((json["namespaces"]?.array ?? []).compactMap(\.string))
        if let selector = json["labelSelector"], !selector.isNull {
            do {
                labelSelector = try LabelSelector(selector)
            } catch {
                throw ActionError("\(place): \(error)")
            }
        }
        for match in json["matches"]?.array ?? [] {
            try StrictFields.check(match, ["path", "value"], at: "\(place), matches")
            guard let text = match["path"]?.string, let path = JSONPointer(parsing: text) else {
                throw ActionError("\(place): a path in matches is no JSON pointer")
            }
            matches.append(Match(path: path, value: ModifierValue.json(match["value"])))
        }
    }
}

/// The `value` of an operation or a match. In YAML it is a text; what reads as JSON is taken as JSON, so that
/// `"\"1\""` is the text 1 and `"1"` the number.
enum ModifierValue {
    static func json(_ value: JSONValue?) -> JSONValue {
        guard let text = value?.string else { return value ?? .string("") }
        return (try? JSONValue(parsing: text)) ?? .string(text)  // What is no JSON is plain text.
    }
}

enum StrictFields {
    static func check(_ json: JSONValue, _ known: [String], at place: String) throws(ActionError) {
        guard let members = json.object else { throw ActionError("\(place): this must be a map of fields") }
        for name in members.keys.sorted() where !known.contains(name) {
            throw ActionError("\(place): the field '\(name)' is not known")
        }
    }
}
