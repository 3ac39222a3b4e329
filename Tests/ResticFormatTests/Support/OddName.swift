import MartletTestSupport

/// Names as nobody gives them: control characters, quotes, every width of UTF-8, and what is none.
enum OddName {
    private static let pieces: [[UInt8]] =
        [
            "a", "Z9", " ", "\\", "\"", "<", ">", "&", "'", "\n", "\u{7F}", "é", "\u{A0}", "\u{2028}", "漢", "😀",
            "\u{E000}",
        ]
        .map { Array($0.utf8) } + [
            [0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0x01],
        ]

    /// 1 to 12 pieces; no slash, no NUL.
    static func random(_ generator: inout SeededGenerator) -> [UInt8] {
        var name: [UInt8] = []
        for _ in 0..<Int.random(in: 1...12, using: &generator) {
            if Int.random(in: 0..<4, using: &generator) == 0 {
                name.append(
                    [UInt8(1)...46, 48...255].randomElement(using: &generator)?.randomElement(using: &generator) ?? 1)
            } else {
                name += pieces.randomElement(using: &generator) ?? []
            }
        }
        return name
    }
}
