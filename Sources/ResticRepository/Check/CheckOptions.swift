package import ResticFormat

/// Which packs a check reads.
package enum ReadSubset: Sendable, Hashable {
    /// None: only what the files say of each other is checked.
    case none
    case all
    /// Those whose id's first byte, divided by `of`, leaves `part` - 1. 1 to `of`, which is at most 256.
    case part(Int, of: Int)
    /// A share of the packs, drawn at random; at least one. Above 0, up to 100.
    case percent(Double)
    /// About so many bytes, drawn at random.
    case bytes(Int64)

    /// `1/7`, `2.5%`, `500M`; nil for anything else.
    package init?(_ text: String) {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        if halves.count == 2 {
            guard let part = Int(halves[0]), let count = Int(halves[1]), (1...256).contains(count),
                (1...count).contains(part)
            else { return nil }
            self = .part(part, of: count)
        } else if text.hasSuffix("%") {
            guard let percent = Double(text.dropLast()), percent > 0, percent <= 100 else { return nil }
            self = .percent(percent)
        } else {
            guard let bytes = ReadSubset.bytes(text), bytes > 0 else { return nil }
            self = .bytes(bytes)
        }
    }

    private static func bytes(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40]
        guard let last = text.uppercased().last else { return nil }
        guard let unit = units[last] else { return Int64(text) }
        guard let number = Int64(text.dropLast()), number >= 0, number < 1 << 22 else { return nil }
        return number * unit
    }

    /// The packs to read.
    package func choose(_ packs: [ListedPack], using random: inout some RandomNumberGenerator) -> [ListedPack] {
        switch self {
        case .none: return []
        case .all: return packs
        case .part(let part, let count): return packs.filter { Int($0.id.word0 >> 56) % count == part - 1 }
        case .percent(let percent): return draw(share: percent / 100, packs, &random)
        case .bytes(let bytes):
            let total = packs.map(\.size).reduce(0, +)
            return draw(share: total == 0 ? 1 : min(1, Double(bytes) / Double(total)), packs, &random)
        }
    }

    private func draw(
        share: Double, _ packs: [ListedPack], _ random: inout some RandomNumberGenerator
    ) -> [ListedPack] {
        let count = max(1, Int(Double(packs.count) * share))
        return Array(packs.shuffled(using: &random).prefix(count)).sorted { $0.id < $1.id }
    }
}

package struct CheckOptions: Sendable {
    package var read = ReadSubset.none
    /// Only these snapshots' trees; nil for all.
    package var snapshots: [ResticID]?
    /// Packs that are read at once; each takes about 20 MiB.
    package var tasks = 2

    package init() {}
}
