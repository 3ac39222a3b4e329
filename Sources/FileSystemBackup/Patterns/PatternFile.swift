/// A file of patterns: one on a line, spaces around it dropped; empty lines and those that begin with `#` do not count;
/// `$NAME` and `${NAME}` stand for variables of the environment, `$$` for a dollar.
package enum PatternFile {
    package static func patterns(in text: String, environment: [String: String]) -> [String] {
        // By bytes: a line feed after a carriage return is one character, and not a line feed.
        text.utf8.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let line = trimmed(Substring(line))
            if line.isEmpty || line.hasPrefix("#") { return nil }
            return expanded(line, environment)
        }
    }

    private static func trimmed(_ line: Substring) -> Substring {
        var line = line
        while let first = line.first, first.isWhitespace { line.removeFirst() }
        while let last = line.last, last.isWhitespace { line.removeLast() }
        return line
    }

    private static func expanded(_ line: Substring, _ environment: [String: String]) -> String {
        var result = ""
        var rest = line
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            result += value(takenFrom: &rest, environment)
        }
        return result + rest
    }

    /// The value of the variable whose name begins `rest`; a lonely dollar stays.
    private static func value(takenFrom rest: inout Substring, _ environment: [String: String]) -> String {
        if rest.first == "$" {
            rest.removeFirst()
            return "$"
        }
        if rest.first == "{", let end = rest.firstIndex(of: "}") {
            let name = rest[rest.index(after: rest.startIndex)..<end]
            rest = rest[rest.index(after: end)...]
            return environment[String(name)] ?? ""
        }
        let name = rest.prefix { $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber) }
        if name.isEmpty { return "$" }
        rest = rest.dropFirst(name.count)
        return environment[String(name)] ?? ""
    }
}
