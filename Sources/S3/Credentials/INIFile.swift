/// The sections of an INI file as the AWS tools write it: `[name]`, then `key = value`; lines that begin with `#` or `;` are
/// comments. A section that comes twice is joined, the later value wins. Lines that make no sense are passed over, as those
/// tools do: velero's files are often written by hand.
struct INIFile {
    private var sections: [String: [String: String]] = [:]

    init(_ text: String) {
        var name: String?
        for line in text.split(whereSeparator: \.isNewline) {
            // Indented lines belong to nested settings of the line before.
            guard let first = line.first, !first.isWhitespace, first != "#", first != ";" else { continue }
            if first == "[", let end = line.firstIndex(of: "]") {
                let section = trimmed(line[line.index(after: line.startIndex)..<end])
                sections[section] = sections[section] ?? [:]
                name = section
            } else if let name, let equals = line.firstIndex(of: "=") {
                let value = trimmed(line[line.index(after: equals)...])
                let setting = trimmed(line[..<equals]).lowercased()
                if !value.isEmpty { sections[name]?[setting] = value }
            }
        }
    }

    subscript(section: String) -> [String: String]? { sections[section] }

    private func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
