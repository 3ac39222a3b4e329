/// Which labels an object must have. An empty selector matches every object.
///
/// Source: Kubernetes documentation, "Labels and Selectors"; API type `metav1.LabelSelector`.
package struct LabelSelector: Sendable, Hashable {
    package enum Operator: String, Sendable, Hashable {
        case isIn = "In"
        case isNotIn = "NotIn"
        case exists = "Exists"
        case doesNotExist = "DoesNotExist"
    }

    package struct Requirement: Sendable, Hashable {
        package var key: String
        package var `operator`: Operator
        package var values: [String]

        package init(key: String, operator: Operator, values: [String] = []) {
            self.key = key
            self.operator = `operator`
            self.values = values
        }
    }

    package var matchLabels: [String: String]
    package var matchExpressions: [Requirement]

    package init(matchLabels: [String: String] = [:], matchExpressions: [Requirement] = []) {
        self.matchLabels = matchLabels
        self.matchExpressions = matchExpressions
    }

    package var isEmpty: Bool { matchLabels.isEmpty && matchExpressions.isEmpty }

    package func matches(_ labels: [String: String]) -> Bool {
        matchLabels.allSatisfy { labels[$0.key] == $0.value } && matchExpressions.allSatisfy { $0.matches(labels) }
    }
}

extension LabelSelector.Requirement {
    /// `NotIn` holds for objects without the label too, as the API server has it.
    package func matches(_ labels: [String: String]) -> Bool {
        let value = labels[key]
        switch `operator` {
        case .isIn: return value.map(values.contains) ?? false
        case .isNotIn: return !(value.map(values.contains) ?? false)
        case .exists: return value != nil
        case .doesNotExist: return value == nil
        }
    }
}

extension LabelSelector {
    /// Reads the JSON form. Nil if it is none: a wrong type, an unknown operator, values where none belong.
    package init?(_ json: JSONValue) {
        guard let members = json.object else { return nil }
        var labels: [String: String] = [:]
        for (key, value) in members["matchLabels"]?.object ?? [:] {
            guard let text = value.string else { return nil }
            labels[key] = text
        }
        var requirements: [Requirement] = []
        for expression in members["matchExpressions"]?.array ?? [] {
            guard let requirement = Requirement(expression) else { return nil }
            requirements.append(requirement)
        }
        self.init(matchLabels: labels, matchExpressions: requirements)
    }

    package var json: JSONValue {
        var json = JSONValue.object([:])
        if !matchLabels.isEmpty { json["matchLabels"] = .object(matchLabels.mapValues { .string($0) }) }
        if !matchExpressions.isEmpty { json["matchExpressions"] = .array(matchExpressions.map(\.json)) }
        return json
    }
}

extension LabelSelector.Requirement {
    fileprivate init?(_ json: JSONValue) {
        guard let key = json["key"]?.string, !key.isEmpty,
            let name = json["operator"]?.string, let `operator` = LabelSelector.Operator(rawValue: name)
        else { return nil }
        var values: [String] = []
        for value in json["values"]?.array ?? [] {
            guard let text = value.string else { return nil }
            values.append(text)
        }
        switch `operator` {
        case .isIn, .isNotIn: guard !values.isEmpty else { return nil }
        case .exists, .doesNotExist: guard values.isEmpty else { return nil }
        }
        self.init(key: key, operator: `operator`, values: values)
    }

    fileprivate var json: JSONValue {
        var json: JSONValue = ["key": .string(key), "operator": .string(`operator`.rawValue)]
        if !values.isEmpty { json["values"] = .array(values.map { .string($0) }) }
        return json
    }
}
