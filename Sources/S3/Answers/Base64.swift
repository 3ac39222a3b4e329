/// Base64 with padding, as `Content-MD5` and encoded words have it. Source: RFC 4648, section 4.
enum Base64 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let number = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                let isPadding = place > group.count
                text.append(isPadding ? UInt8(ascii: "=") : digits[number >> (6 * (3 - place)) & 63])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil unless `text` is whole groups of digits, with padding in the last only.
    static func decode(_ text: String) -> [UInt8]? {
        let characters = Array(text.utf8)
        guard characters.count.isMultiple(of: 4) else { return nil }
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: characters.count, by: 4) {
            let group = characters[start..<start + 4]
            let padding = group.reversed().prefix { $0 == UInt8(ascii: "=") }.count
            guard padding <= 2, padding == 0 || start + 4 == characters.count else { return nil }
            var number = 0
            for character in group.dropLast(padding) {
                guard let digit = digits.firstIndex(of: character) else { return nil }
                number = number << 6 | digit
            }
            number <<= 6 * padding
            for place in 0..<3 - padding { bytes.append(UInt8(number >> (8 * (2 - place)) & 255)) }
        }
        return bytes
    }
}
