/// Names and values in nested lines, as `describe` prints them: values of one level stand in one column.
package struct Outline: Sendable {
    private enum Line: Sendable {
        case value(level: Int, name: String, value: String)
        case heading(level: Int, name: String)
        case text(level: Int, String)
        case blank
    }

    private var lines: [Line] = []
    /// Column where the values begin, in characters from the level's margin.
    private let column: Int

    package init(column: Int = 14) { self.column = column }

    package mutating func add(_ name: String, _ value: String, level: Int = 0) {
        lines.append(.value(level: level, name: name, value: value))
    }

    /// A name whose values follow in deeper lines.
    package mutating func heading(_ name: String, level: Int = 0) {
        lines.append(.heading(level: level, name: name))
    }

    package mutating func text(_ text: String, level: Int = 0) {
        lines.append(.text(level: level, text))
    }

    package mutating func blank() { lines.append(.blank) }

    /// With a final newline.
    package var rendered: String {
        lines.map { line in
            switch line {
            case .blank: "\n"
            case .heading(let level, let name): margin(level) + name + ":\n"
            case .text(let level, let text): margin(level) + PlainText.printable(text, keepingLines: false) + "\n"
            case .value(let level, let name, let value): valueLines(level: level, name: name, value: value)
            }
        }.joined()
    }

    private func valueLines(level: Int, name: String, value: String) -> String {
        let label = margin(level) + name + ":"
        let start = max(label.count + 2, column)
        let parts = value.split(separator: "\n", omittingEmptySubsequences: false)
        return parts.enumerated().map { index, part in
            let head = index == 0 ? label : ""
            let shown = PlainText.printable(String(part), keepingLines: false)
            return head + String(repeating: " ", count: start - head.count) + shown + "\n"
        }.joined()
    }

    private func margin(_ level: Int) -> String { String(repeating: " ", count: level * 2) }
}
