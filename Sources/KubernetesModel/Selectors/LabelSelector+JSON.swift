extension LabelSelector {
    /// Reads the object form: `{matchLabels: {a: b}, matchExpressions: [{key, operator, values}]}`.
    ///
    /// - Throws: `SelectorError` for a wrong shape, an unknown operator, or labels that are none.
    package init(_ json: JSONValue) throws(SelectorError) {
        guard let members = json.object else { throw SelectorError("a label selector is an object") }
        var requirements: [Requirement] = []
        for (key, value) in (try LabelSelector.labels(members["matchLabels"])).sorted(by: { $0.key < $1.key }) {
            requirements.append(try Requirement(key, .isIn, [value]))
        }
        let expressions = members["matchExpressions"] ?? .null
        guard expressions.isNull || expressions.array != nil else {
            throw SelectorError("matchExpressions of a label selector is a list")
        }
        for expression in expressions.array ?? [] {
            requirements.append(try LabelSelector.requirement(expression))
        }
        self.requirements = requirements
    }

    private static func labels(_ json: JSONValue?) throws(SelectorError) -> [String: String] {
        guard let json, !json.isNull else { return [:] }
        guard let members = json.object else { throw SelectorError("matchLabels of a label selector is an object") }
        var labels: [String: String] = [:]
        for (key, value) in members {
            guard let text = value.string else {
                throw SelectorError("matchLabels['\(key)'] of a label selector is no string")
            }
            labels[key] = text
        }
        return labels
    }

    private static func requirement(_ json: JSONValue) throws(SelectorError) -> Requirement {
        guard let key = json["key"]?.string, let name = json["operator"]?.string else {
            throw SelectorError("an expression of a label selector needs 'key' and 'operator'")
        }
        // Numbers are compared in node selectors and in the text form, not here.
        guard let comparison = Requirement.Operator(rawValue: name), comparison != .greaterThan, comparison != .lessThan
        else { throw SelectorError("\"\(name)\" is not a valid label selector operator") }
        let values = json["values"]?.array ?? []
        let texts = values.compactMap(\.string)
        guard texts.count == values.count else { throw SelectorError("key '\(key)': a value is no string") }
        return try Requirement(key, comparison, texts)
    }

    /// The object form. Nil for comparisons of numbers, which it cannot say.
    package var json: JSONValue? {
        var labels: [String: JSONValue] = [:]
        var expressions: [JSONValue] = []
        for requirement in requirements {
            switch requirement.comparison {
            case .greaterThan, .lessThan: return nil
            case .isIn where requirement.values.count == 1 && labels[requirement.key] == nil:
                labels[requirement.key] = .string(requirement.values[0])
            default:
                var expression: JSONValue = [
                    "key": .string(requirement.key), "operator": .string(requirement.comparison.rawValue),
                ]
                if !requirement.values.isEmpty {
                    expression["values"] = .array(requirement.values.map { .string($0) })
                }
                expressions.append(expression)
            }
        }
        var members: [String: JSONValue] = [:]
        if !labels.isEmpty { members["matchLabels"] = .object(labels) }
        if !expressions.isEmpty { members["matchExpressions"] = .array(expressions) }
        return .object(members)
    }
}
