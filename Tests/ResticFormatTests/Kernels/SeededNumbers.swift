import MartletTestSupport

/// A seeded generator with the one question these tests ask.
struct SeededNumbers {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// A number in 0 ..< `limit`.
    mutating func below(_ limit: Int) -> Int { Int(generator.next() % UInt64(limit)) }
}
