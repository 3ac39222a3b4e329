/// Columns as kubectl prints them: titles in capitals, three blanks between columns, nothing behind the last.
package struct Table: Sendable {
    package let titles: [String]
    package private(set) var rows: [[String]] = []

    package init(_ titles: [String]) { self.titles = titles }

    /// - Parameter cells: one for each title; line breaks and other control characters are shown as blanks, so that no
    ///   object's name or message can draw on the terminal.
    package mutating func append(_ cells: [String]) {
        precondition(cells.count == titles.count, "\(cells.count) cells for \(titles.count) columns")
        rows.append(cells.map(Table.printable))
    }

    /// With a final newline; no titles if `showsTitles` is false.
    package func text(showsTitles: Bool = true) -> String {
        let lines = showsTitles ? [titles] + rows : rows
        let widths = titles.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { cells in
            var line = ""
            for (column, cell) in cells.enumerated() {
                line += cell
                if column < cells.count - 1 {
                    line += String(repeating: " ", count: widths[column] - cell.count + 3)
                }
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    private static func printable(_ cell: String) -> String {
        PlainText.printable(cell, keepingLines: false)
    }
}

/// Text from a cluster or a bucket, made safe to show.
package enum PlainText {
    /// `text` with control characters, escape sequences' starts among them, replaced by blanks. Line breaks and tabs stay if
    /// `keepingLines`.
    package static func printable(_ text: String, keepingLines: Bool) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let stays = !isControl(scalar) || keepingLines && (scalar == "\n" || scalar == "\t")
            result.append(stays ? scalar : " ")
        }
        return String(result)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }
}
