import Basics

/// Which objects are meant, by their labels. All requirements must hold; none at all means every object.
///
/// Source: Kubernetes documentation, "Labels and selectors".
package struct LabelSelector: Sendable, Hashable, CustomStringConvertible {
    package struct Requirement: Sendable, Hashable {
        package enum Operator: String, Sendable, Hashable {
            case isIn = "In"
            case notIn = "NotIn"
            case exists = "Exists"
            case doesNotExist = "DoesNotExist"
            /// Only in the text form: the label is an integer above the one value.
            case greaterThan = "Gt"
            case lessThan = "Lt"
        }

        package let key: String
        package let comparison: Operator
        /// Sorted, each once. One for the comparisons of numbers, none for existence.
        package let values: [String]

        /// - Throws: `SelectorError` if the key or a value is no label, or the number of values does not fit.
        package init(_ key: String, _ comparison: Operator, _ values: [String] = []) throws(SelectorError) {
            if let reason = NameRules.qualifiedName(key) { throw SelectorError("key '\(key)': \(reason)") }
            switch comparison {
            case .isIn, .notIn:
                guard !values.isEmpty else {
                    throw SelectorError("key '\(key)': for 'in' and 'notin' operators, values set can't be empty")
                }
            case .exists, .doesNotExist:
                guard values.isEmpty else {
                    throw SelectorError("key '\(key)': values set must be empty for exists and does not exist")
                }
            case .greaterThan, .lessThan:
                guard values.count == 1, Int64(values[0]) != nil else {
                    throw SelectorError("key '\(key)': for 'Gt' and 'Lt' operators, the value must be one integer")
                }
            }
            for value in values {
                if let reason = NameRules.labelValue(value) {
                    throw SelectorError("key '\(key)', value '\(value)': \(reason)")
                }
            }
            self.key = key
            self.comparison = comparison
            self.values = Array(Set(values)).sorted()
        }

        /// An object without the label satisfies `notIn` and `doesNotExist`.
        package func matches(_ labels: [String: String]) -> Bool {
            let value = labels[key]
            switch comparison {
            case .isIn: return value.map(values.contains) ?? false
            case .notIn: return value.map { !values.contains($0) } ?? true
            case .exists: return value != nil
            case .doesNotExist: return value == nil
            case .greaterThan, .lessThan:
                guard let number = value.flatMap({ Int64($0) }), let limit = values.first.flatMap({ Int64($0) }) else {
                    return false
                }
                return comparison == .greaterThan ? number > limit : number < limit
            }
        }
    }

    /// Selects every object.
    package static let everything = LabelSelector([])

    package let requirements: [Requirement]

    package init(_ requirements: [Requirement]) { self.requirements = requirements }

    package var isEverything: Bool { requirements.isEmpty }

    package func matches(_ labels: [String: String]) -> Bool { requirements.allSatisfy { $0.matches(labels) } }

    /// The text form, as `labelSelector` of a list takes it (before percent-encoding). Empty for everything.
    package var description: String {
        requirements.map { requirement in
            let key = requirement.key
            switch requirement.comparison {
            case .exists: return key
            case .doesNotExist: return "!\(key)"
            case .greaterThan: return "\(key)>\(requirement.values[0])"
            case .lessThan: return "\(key)<\(requirement.values[0])"
            case .isIn where requirement.values.count == 1: return "\(key)=\(requirement.values[0])"
            case .notIn where requirement.values.count == 1: return "\(key)!=\(requirement.values[0])"
            case .isIn: return "\(key) in (\(requirement.values.joined(separator: ",")))"
            case .notIn: return "\(key) notin (\(requirement.values.joined(separator: ",")))"
            }
        }.joined(separator: ",")
    }
}

/// Why a selector cannot be read. The message names what is wrong and where.
package struct SelectorError: CausedError, Hashable {
    package let message: String
    package var cause: (any Error)? { nil }
    package var description: String { message }

    package init(_ message: String) { self.message = message }
}
