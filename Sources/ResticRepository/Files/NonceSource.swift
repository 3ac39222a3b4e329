import Glibc
import ResticFormat
import Synchronization

/// Gives out the random bytes that each sealed object begins with, from the kernel's generator, many at a time: a call of
/// the kernel for each blob would cost as much as sealing a small one. Source: man 2 getrandom.
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
        let size = count * 8
        return [UInt64](unsafeUninitializedCapacity: count) { space, filled in
            let base = UnsafeMutableRawPointer(space.baseAddress!)
            var done = 0
            while done < size {
                let got = getrandom(base + done, size - done, 0)
                if got > 0 { done += got } else if errno != EINTR { break }
            }
            // A kernel without the call: the standard library knows other ways.
            if done < size {
                var generator = SystemRandomNumberGenerator()
                for index in 0..<count { space[index] = generator.next() }
            }
            filled = count
        }
    }
}
