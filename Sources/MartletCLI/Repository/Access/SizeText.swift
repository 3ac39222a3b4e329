/// Sizes as restic takes them: `1000`, `500M`, `10G`; the units are powers of 1024.
enum SizeText {
    static func bytes(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40]
        guard let last = text.uppercased().last else { return nil }
        let digits = units[last] == nil ? text[...] : text.dropLast()
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(digits),
            number < 1 << 22 || units[last] == nil
        else { return nil }
        return number * (units[last] ?? 1)
    }
}
