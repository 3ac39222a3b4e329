/// Any JSON document, decoded. Numbers keep their text; the order of keys is not kept, as JSON gives it no meaning.
///
/// Objects that are only passed on stay bytes (`RawObject`); this type is for those that are looked into or changed.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}

extension JSONValue {
    package var isNull: Bool { self == .null }

    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    package var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    package var int64: Int64? {
        if case .number(let value) = self { value.int64 } else { nil }
    }

    package var array: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    package var object: [String: JSONValue]? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The member `key` of an object; nil for other values and absent keys. Assigning nil removes the key; assigning to
    /// a value that is no object makes it one.
    package subscript(key: String) -> JSONValue? {
        get {
            if case .object(let members) = self { members[key] } else { nil }
        }
        set {
            var members: [String: JSONValue] = [:]
            if case .object(let existing) = self { members = existing }
            self = .null  // Keeps the dictionary uniquely referenced while it changes.
            members[key] = newValue
            self = .object(members)
        }
    }

    /// The value at a path of object keys, or nil where a step is missing. Assigning creates the objects on the way;
    /// assigning nil removes the last key and creates nothing.
    package subscript(path: [String]) -> JSONValue? {
        get {
            var value = self
            for key in path {
                guard let next = value[key] else { return nil }
                value = next
            }
            return value
        }
        set {
            guard let first = path.first else {
                self = newValue ?? .null
                return
            }
            if path.count == 1 {
                if newValue != nil || object != nil { self[first] = newValue }
                return
            }
            if newValue == nil, self[first] == nil { return }
            var child = self[first] ?? .object([:])
            child[Array(path.dropFirst())] = newValue
            self[first] = child
        }
    }

    package subscript(path: String...) -> JSONValue? {
        get { self[path] }
        set { self[path] = newValue }
    }
}

/// No `nil` literal: `isThere ? value : nil` would be JSON's null where an absent value is meant.
extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int64) { self = .number(JSONNumber(value)) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    /// A key written twice keeps its last value.
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
    }
}
