import Basics
import CRestic
import Crypto
import Testing

@Suite struct SHA256KernelTests {
    static let message = Kernel.bytes(5000, seed: 1)

    @Test(arguments: Kernel.levels) func `the sums are those of swift-crypto for every short length`(level: Int32) {
        Kernel.at(level) {
            for length in 0...600 {
                // The alignment changes with the length.
                let slice = Self.message[(length % 17)..<(length % 17 + length)]
                #expect(Kernel.sha256(slice) == Array(SHA256.hash(data: slice)), "\(length) bytes")
            }
        }
    }

    @Test(arguments: Kernel.levels) func `a long message has the sum of swift-crypto`(level: Int32) {
        let long = Kernel.bytes(1 << 20 + 37, seed: 2)
        #expect(Kernel.at(level) { Kernel.sha256(long[1...]) } == Array(SHA256.hash(data: long[1...])))
    }

    @Test(arguments: Kernel.levels) func `messages hashed together have the sums they have alone`(level: Int32) {
        var random = SeededNumbers(seed: 3)
        Kernel.at(level) {
            for round in 0..<600 {
                let slices = (0..<(round % 17)).map { _ -> Range<Int> in
                    let start = random.below(2000)
                    // Many of them empty, equal or within one block, some long.
                    return start..<(start + random.below([1, 64, 130, 3000][random.below(4)]))
                }
                let expected = slices.map { Array(SHA256.hash(data: Self.message[$0])) }
                #expect(Kernel.sha256(slices, of: Self.message) == expected, "\(slices)")
            }
        }
    }

    @Test(arguments: Kernel.levels) func `a hash that grows is independent of the pieces`(level: Int32) {
        var random = SeededNumbers(seed: 4)
        Kernel.at(level) {
            for length in 0..<300 {
                var context = crestic_sha256_context()
                crestic_sha256_init(&context)
                var offset = 0
                while offset < length {
                    let piece = min(length - offset, 1 + random.below(150))
                    Self.message[offset..<offset + piece].withUnsafeBufferPointer {
                        crestic_sha256_update(&context, $0.baseAddress, $0.count)
                    }
                    offset += piece
                }
                var sum = [UInt8](repeating: 0, count: 32)
                crestic_sha256_final(&context, &sum)
                #expect(sum == Array(SHA256.hash(data: Self.message[..<length])), "\(length) bytes")
            }
        }
    }
}
