/// Sizes as restic prints them: `17 B`, `2.657 KiB`.
enum ResticSize {
    static func text(_ bytes: Int64) -> String {
        let units: [(String, Int64)] = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
        guard let (unit, factor) = units.first(where: { bytes >= $0.1 }) else { return "\(bytes) B" }
        // Three digits, rounded half to even as C's printf does; the sum fits into a 128-bit number.
        let (whole, rest) = (Int128(bytes) * 1000).quotientAndRemainder(dividingBy: Int128(factor))
        let isUp = rest * 2 > Int128(factor) || rest * 2 == Int128(factor) && !whole.isMultiple(of: 2)
        let thousandths = Int64(whole) + (isUp ? 1 : 0)
        let fraction = String(thousandths % 1000)
        return "\(thousandths / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction) \(unit)"
    }
}
