import ResticFormat

/// A JSON object of one line, members in the order in which they are added, as restic prints it.
struct JSONLine: Sendable {
    private var members: [String] = []

    init() {}

    /// Begins with the members of `object`, a JSON object without white space at its ends.
    init(continuing object: [UInt8]) {
        let inner = String(decoding: object.dropFirst().dropLast(), as: UTF8.self)
        if !inner.isEmpty { members.append(inner) }
    }

    var text: String { "{" + members.joined(separator: ",") + "}" }

    mutating func add(_ name: String, json: String) { members.append(JSONLine.string(name) + ":" + json) }
    mutating func add(_ name: String, _ text: String) { add(name, json: JSONLine.string(text)) }
    mutating func add(_ name: String, _ number: Int64) { add(name, json: String(number)) }
    mutating func add(_ name: String, _ number: UInt64) { add(name, json: String(number)) }
    mutating func add(_ name: String, _ flag: Bool) { add(name, json: flag ? "true" : "false") }

    mutating func add(omittingZero name: String, _ number: UInt64) {
        if number != 0 { add(name, number) }
    }

    mutating func add(omittingEmpty name: String, _ text: String) {
        if !text.isEmpty { add(name, text) }
    }

    static func string(_ text: String) -> String { String(decoding: JSONText.string(text), as: UTF8.self) }

    static func array(_ elements: [String]) -> String { "[" + elements.joined(separator: ",") + "]" }
}
