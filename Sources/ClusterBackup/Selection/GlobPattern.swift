/// A pattern for namespaces: `*` any characters, `?` one, `[abc]` and `[a-z]` one of a set. Source: Velero 1.18.
struct GlobPattern: Sendable, Hashable {
    private enum Part: Sendable, Hashable { case one(UInt8), any, anyOf([ClosedRange<UInt8>]), many }

    private let parts: [Part]

    /// Whether `text` is a pattern at all, and no plain name.
    static func isPattern(_ text: String) -> Bool { text.utf8.contains { "*?[".utf8.contains($0) } }

    /// Nil for what Velero rejects: `**`, any of `| ( ) ! { } ,`, a set that is empty or does not end.
    init?(_ text: String) {
        guard !text.contains("**"), !text.utf8.contains(where: { "|()!{},".utf8.contains($0) }) else { return nil }
        var parts: [Part] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "*"): parts.append(.many)
            case UInt8(ascii: "?"): parts.append(.any)
            case UInt8(ascii: "["):
                guard let ranges = GlobPattern.set(&rest) else { return nil }
                parts.append(.anyOf(ranges))
            case UInt8(ascii: "]"): return nil
            default: parts.append(.one(byte))
            }
        }
        self.parts = parts
    }

    private static func set(_ rest: inout Substring.UTF8View) -> [ClosedRange<UInt8>]? {
        var ranges: [ClosedRange<UInt8>] = []
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "]") { return ranges.isEmpty ? nil : ranges }
            guard rest.first == UInt8(ascii: "-"), let end = rest.dropFirst().first, end != UInt8(ascii: "]") else {
                ranges.append(byte...byte)
                continue
            }
            guard byte <= end else { return nil }
            ranges.append(byte...end)
            rest.removeFirst(2)
        }
        return nil
    }

    /// Takes time in the product of both lengths at worst: one place to come back to is enough for `*`.
    func matches(_ name: String) -> Bool {
        let text = Array(name.utf8)
        var (part, position) = (0, 0)
        var retry: (part: Int, position: Int)?
        while position < text.count {
            if part < parts.count, parts[part] == .many {
                retry = (part, position)
                part += 1
            } else if part < parts.count, accepts(parts[part], text[position]) {
                part += 1
                position += 1
            } else if let last = retry {
                retry = (last.part, last.position + 1)
                (part, position) = (last.part + 1, last.position + 1)
            } else {
                return false
            }
        }
        return parts[part...].allSatisfy { $0 == .many }
    }

    private func accepts(_ part: Part, _ byte: UInt8) -> Bool {
        switch part {
        case .one(let expected): byte == expected
        case .any: true
        case .anyOf(let ranges): ranges.contains { $0.contains(byte) }
        case .many: false
        }
    }
}
