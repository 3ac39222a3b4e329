import ResticFormat
import Synchronization

/// Gives out the random bytes that each sealed object begins with, from the system's generator. Drawn 256 at a time, so
/// that writers hardly ever wait for each other.
final class NonceSource: Sendable {
    private let words = Mutex<[UInt64]>([])

    func next() -> InitializationVector {
        var pair = words.withLock { words in
            if words.count < 2 { words = NonceSource.fresh(512) }
            return Pair(first: words.removeLast(), second: words.removeLast())
        }
        return InitializationVector(using: &pair)
    }

    /// Two words that were drawn together.
    private struct Pair: RandomNumberGenerator {
        var first: UInt64
        let second: UInt64

        mutating func next() -> UInt64 {
            defer { first = second }
            return first
        }
    }

    private static func fresh(_ count: Int) -> [UInt64] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in generator.next() }
    }
}
