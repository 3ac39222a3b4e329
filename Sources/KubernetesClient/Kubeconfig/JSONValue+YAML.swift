internal import KubernetesModel
internal import Yams

extension JSONValue {
    /// What a YAML node is in JSON; nil if it is nested deeper than 64 levels or has keys that are no text.
    init?(yaml node: Node, depth: Int = 0) {
        guard depth < 64 else { return nil }
        switch node {
        case .scalar(let scalar): self = JSONValue.scalar(scalar)
        case .sequence(let sequence):
            var elements: [JSONValue] = []
            for element in sequence {
                guard let value = JSONValue(yaml: element, depth: depth + 1) else { return nil }
                elements.append(value)
            }
            self = .array(elements)
        case .mapping(let mapping):
            var members: [String: JSONValue] = [:]
            for (key, value) in mapping {
                guard let key = key.scalar?.string, let value = JSONValue(yaml: value, depth: depth + 1) else {
                    return nil
                }
                members[key] = value
            }
            self = .object(members)
        case .alias: return nil
        }
    }

    private static func scalar(_ scalar: Node.Scalar) -> JSONValue {
        guard scalar.style == .plain else { return .string(scalar.string) }
        switch scalar.string {
        case "", "~", "null": return .null
        case "true": return true
        case "false": return false
        default:
            guard let value = try? JSONValue(parsing: scalar.string), case .number = value else {
                return .string(scalar.string)  // Anything that JSON does not know as a number is text.
            }
            return value
        }
    }
}
