/// A set of Unicode scalars as sorted ranges of their values; small ones, so that a scan finds a member.
struct ScalarSet: Sendable, Hashable {
    private(set) var ranges: [ClosedRange<UInt32>]

    init(_ ranges: [ClosedRange<UInt32>]) {
        self.ranges = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = self.ranges.last, range.lowerBound <= last.upperBound.advanced(by: 1) {
                self.ranges[self.ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                self.ranges.append(range)
            }
        }
    }

    init(ascii text: String, _ ranges: ClosedRange<Unicode.Scalar>...) {
        self.init(
            text.unicodeScalars.map { $0.value...$0.value } + ranges.map { $0.lowerBound.value...$0.upperBound.value })
    }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        ranges.contains { $0.contains(scalar.value) }
    }

    mutating func formUnion(_ other: ScalarSet) { self = ScalarSet(ranges + other.ranges) }

    var inverted: ScalarSet {
        var gaps: [ClosedRange<UInt32>] = []
        var start: UInt32 = 0
        for range in ranges {
            if range.lowerBound > start { gaps.append(start...range.lowerBound - 1) }
            start = range.upperBound + 1
        }
        if start <= 0x10FFFF { gaps.append(start...0x10FFFF) }
        return ScalarSet(gaps)
    }

    /// With the other case of each ASCII letter.
    var foldingASCIICase: ScalarSet {
        var folded = ranges
        for letter in UInt32(0x61)...0x7A {
            let upper = letter - 0x20
            if ranges.contains(where: { $0.contains(letter) || $0.contains(upper) }) {
                folded += [letter...letter, upper...upper]
            }
        }
        return ScalarSet(folded)
    }

    static let all = ScalarSet([0...0x10FFFF])
    static let newline = ScalarSet(ascii: "\n")
    static let digit = ScalarSet(ascii: "", "0"..."9")
    static let word = ScalarSet(ascii: "_", "0"..."9", "a"..."z", "A"..."Z")
    static let space = ScalarSet(ascii: "\t\n\u{0C}\r ")

    /// `\d`, `\D`, `\s`, `\S`, `\w`, `\W`.
    static func perl(_ letter: Unicode.Scalar) -> ScalarSet? {
        switch letter {
        case "d": digit
        case "D": digit.inverted
        case "s": space
        case "S": space.inverted
        case "w": word
        case "W": word.inverted
        default: nil
        }
    }

    static let named: [String: ScalarSet] = [
        "alnum": ScalarSet(ascii: "", "0"..."9", "a"..."z", "A"..."Z"),
        "alpha": ScalarSet(ascii: "", "a"..."z", "A"..."Z"), "ascii": ScalarSet([0...0x7F]),
        "blank": ScalarSet(ascii: "\t "), "cntrl": ScalarSet([0...0x1F, 0x7F...0x7F]), "digit": digit,
        "graph": ScalarSet([0x21...0x7E]), "lower": ScalarSet(ascii: "", "a"..."z"), "print": ScalarSet([0x20...0x7E]),
        "punct": ScalarSet([0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E]),
        "space": ScalarSet(ascii: "\t\n\u{0B}\u{0C}\r "), "upper": ScalarSet(ascii: "", "A"..."Z"), "word": word,
        "xdigit": ScalarSet(ascii: "", "0"..."9", "a"..."f", "A"..."F"),
    ]
}
