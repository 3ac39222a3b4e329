package import KubernetesModel
internal import Yams

/// One YAML document as JSON, the way Kubernetes tools read YAML: plain scalars of YAML 1.1 become numbers, truth values
/// and null; keys are texts; a key written twice is an error.
package enum YAMLDocument {
    /// Anchors and aliases can blow a small text up; a document stands for at most this many values.
    static let maximumValues = 100_000
    static let maximumDepth = 100

    /// - Returns: null for an empty text.
    package static func json(_ text: String) throws(ActionError) -> JSONValue {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw ActionError("this is no YAML: \(oneLine(error))")
        }
        guard let root else { return .null }
        var budget = maximumValues
        return try value(root, depth: 0, budget: &budget)
    }

    private static func oneLine(_ error: any Error) -> String {
        // Yams quotes the text around the mistake on further lines, and the text may hold what is nobody's business.
        String(describing: error).split(separator: "\n").first.map(String.init) ?? "unknown error"
    }

    private static func value(_ node: Node, depth: Int, budget: inout Int) throws(ActionError) -> JSONValue {
        budget -= 1
        guard budget >= 0 else { throw ActionError("the YAML stands for more than \(maximumValues) values") }
        guard depth < maximumDepth else { throw ActionError("the YAML is nested deeper than \(maximumDepth)") }
        switch node {
        case .scalar(let scalar): return try plain(scalar, tag: node.tag.description)
        case .sequence(let sequence):
            var elements: [JSONValue] = []
            for element in sequence { elements.append(try value(element, depth: depth + 1, budget: &budget)) }
            return .array(elements)
        case .mapping(let mapping):
            var members: [String: JSONValue] = [:]
            for (key, member) in mapping {
                guard let name = key.scalar?.string else { throw ActionError("a key of the YAML is no text") }
                guard members.updateValue(try value(member, depth: depth + 1, budget: &budget), forKey: name) == nil
                else { throw ActionError("the key '\(name)' stands twice in the YAML") }
            }
            return .object(members)
        case .alias: throw ActionError("the YAML has an alias without its anchor")
        }
    }

    private static func plain(_ scalar: Node.Scalar, tag: String) throws(ActionError) -> JSONValue {
        let text = scalar.string
        switch tag {
        case Tag.Name.null.rawValue: return .null
        case Tag.Name.bool.rawValue:
            guard let value = Bool.construct(from: scalar) else { throw ActionError("'\(text)' is no truth value") }
            return .bool(value)
        case Tag.Name.int.rawValue, Tag.Name.float.rawValue:
            if let number = try? JSONValue(parsing: text), number.isNumber { return number }  // Keeps its spelling.
            if let value = Int.construct(from: scalar) { return .number(JSONNumber(value)) }
            if let value = Double.construct(from: scalar), value.isFinite,
                let number = try? JSONValue(parsing: "\(value)")  // Infinity and NaN are no JSON: an error below.
            {
                return number
            }
            throw ActionError("'\(text)' is no number that JSON can hold")
        default: return .string(text)
        }
    }
}

extension JSONValue {
    fileprivate var isNumber: Bool {
        if case .number = self { true } else { false }
    }
}
