import Basics
import CRestic
import MartletTestSupport
import Testing

@Suite struct ChunkerKernelTests {
    static let polynomials: [UInt64] = [0x3D_A335_8B4D_C173, 0x24_8273_4CAC_CA49, 0x25_B468_838D_CB75]
    static let megabytes = Kernel.bytes(32 << 20, seed: 0)
    static let lengths = [
        1_285_841, 609_147, 536_277, 939_814, 759_094, 1_146_182, 2_257_240, 1_210_894, 631_848, 864_506, 3_818_237,
        2_152_464, 1_101_042, 1_239_951, 1_416_160, 1_138_876, 1_138_629, 1_036_623, 2_456_254, 591_608, 915_531,
        3_296_875, 2_517_760, 493_579,
    ]

    /// Vector A: 32 MiB of SplitMix64; official restic stores exactly these chunks.
    @Test(arguments: Kernel.levels) func `chunks are cut where restic cuts them`(level: Int32) {
        let bytes = Self.megabytes
        let chunker = KernelChunker(polynomial: KernelChunker.classic)
        Kernel.at(level) {
            #expect(
                Hex.encode(Kernel.sha256(bytes[...]))
                    == "5f8a27a3ca95270f64068863e729fd8872193f57562a64334ee2d22ec8ac8fea")
            #expect(chunker.chunks(of: bytes) == Self.lengths)
            let first = Self.lengths[0]
            let last = bytes.count - 493_579
            #expect(
                Hex.encode(Kernel.sha256(bytes[..<first]))
                    == "0c9722f1466328d522e24f6602dff1054317d580ebd2bad4cbac3410f5f8384e")
            #expect(
                Hex.encode(Kernel.sha256(bytes[last...]))
                    == "3ccc29cd91a30175a25dc4aec39c2d962f6de23eced33cd5afa54ec818d1ea2f")
            #expect(chunker.fingerprint(bytes[first - 64..<first]) == 0x001B_22F2_89C0_0000)
        }
    }

    /// Vector C.
    @Test(arguments: Kernel.levels) func `zeros are cut at the minimum`(level: Int32) {
        let zeros = [UInt8](repeating: 0, count: 2 << 20)
        for polynomial in Self.polynomials {
            let chunker = KernelChunker(polynomial: polynomial)
            Kernel.at(level) {
                #expect(chunker.chunks(of: zeros) == [Int](repeating: 524_288, count: 4))
                #expect(chunker.candidates(in: zeros[...], from: 100, mask: 0xFFFFF, capacity: 300) == Array(100..<400))
            }
        }
    }

    @Test(arguments: polynomials) func `the fingerprint is the remainder of the bits`(polynomial: UInt64) {
        let chunker = KernelChunker(polynomial: polynomial)
        for seed in 0..<20 as Range<UInt64> {
            let window = Kernel.bytes(64, seed: seed)
            var remainder: UInt64 = 0
            for byte in window {
                for bit in (0..<8).reversed() {
                    remainder = remainder << 1 | UInt64(byte >> UInt8(bit) & 1)
                    if remainder >> 53 & 1 == 1 { remainder ^= polynomial }
                }
            }
            #expect(chunker.fingerprint(window[...]) == remainder)
        }
    }

    @Test(arguments: polynomials) func `the tables of the sliding step are right`(polynomial: UInt64) {
        let chunker = KernelChunker(polynomial: polynomial)
        withUnsafeBytes(of: &chunker.tables.pointee.out) { out in
            for byte in 0..<256 {
                let window = [UInt8(byte)] + [UInt8](repeating: 0, count: 63)
                let value = out.load(fromByteOffset: 8 * byte, as: UInt64.self)
                #expect(value == chunker.fingerprint(window[...]))
            }
        }
        withUnsafeBytes(of: &chunker.tables.pointee.mod) { mod in
            for byte in 0..<256 as Range<UInt64> {
                var remainder = byte << 53
                for bit in (53..<61).reversed() where remainder >> UInt64(bit) & 1 == 1 {
                    remainder ^= polynomial << UInt64(bit - 53)
                }
                let value = mod.load(fromByteOffset: 8 * Int(byte), as: UInt64.self)
                #expect(value == remainder ^ byte << 53)
            }
        }
    }

    @Test(arguments: Kernel.fastLevels) func `every level finds what the portable one finds`(level: Int32) {
        var random = SeededNumbers(seed: 21)
        let chunker = KernelChunker(polynomial: Self.polynomials[1])
        let masks: [UInt64] = [0, 1, 0x7, 0x3F, 0xFF, 0x100, 0xF_0000, 0x3FFF, 0x8000_0000_0000, 0x1F_0000_0000_0003]
        for round in 0..<1500 {
            // First every short length, then random ones at any alignment.
            let length = round <= 600 ? round : random.below(40_000)
            let start = round % 61
            let slice = Self.megabytes[start..<start + length]
            let from = round % 3 == 0 ? 64 : random.below(length + 2)
            let mask = masks[random.below(masks.count)]
            let capacity = [1, 2, 7, 64, 50_000][random.below(5)]
            let expected = Kernel.at(0) { chunker.candidates(in: slice, from: from, mask: mask, capacity: capacity) }
            let found = Kernel.at(level) { chunker.candidates(in: slice, from: from, mask: mask, capacity: capacity) }
            #expect(found == expected, "\(length) bytes, from \(from), mask \(mask), capacity \(capacity)")
        }
    }

    /// Repeated bytes have the same fingerprint everywhere, so that filters pass or fail for all at once.
    @Test(arguments: Kernel.fastLevels) func `monotonous bytes are searched as by the portable level`(level: Int32) {
        let chunker = KernelChunker(polynomial: KernelChunker.classic)
        for byte in 0...255 as ClosedRange<UInt8> {
            let bytes = Self.megabytes[..<200] + [UInt8](repeating: byte, count: 1000) + Self.megabytes[..<200]
            for mask in [0x3, 0xFF, 0xFFF, 0xF_FFFF] as [UInt64] {
                let expected = Kernel.at(0) { chunker.candidates(in: bytes, mask: mask) }
                #expect(Kernel.at(level) { chunker.candidates(in: bytes, mask: mask) } == expected)
            }
        }
    }

    @Test(arguments: Kernel.levels) func `candidates go on after a full answer`(level: Int32) {
        let chunker = KernelChunker(polynomial: KernelChunker.classic)
        let bytes = Self.megabytes[..<100_000]
        Kernel.at(level) {
            let all = chunker.candidates(in: bytes, mask: 0x3F)
            var collected: [Int] = []
            var from = 64
            while true {
                let some = chunker.candidates(in: bytes, from: from, mask: 0x3F, capacity: 10)
                collected += some
                guard some.count == 10 else { break }
                from = collected[collected.count - 1] + 1
            }
            #expect(collected == all)
            #expect(all.count > 1000)
        }
    }

    @Test(arguments: Kernel.levels) func `the cut keeps to its minimum and maximum`(level: Int32) {
        let chunker = KernelChunker(polynomial: KernelChunker.classic)
        let bytes = Self.megabytes[..<20_000]
        Kernel.at(level) {
            // A mask that nothing passes.
            let never: UInt64 = (1 << 53) - 1
            #expect(chunker.cut(bytes, minimum: 100, maximum: 5000, mask: never) == 5000)
            #expect(chunker.cut(bytes, minimum: 100, maximum: 20_000, mask: never) == 20_000)
            #expect(chunker.cut(bytes, minimum: 100, maximum: 20_001, mask: never) == 20_000)
            // One that everything passes.
            #expect(chunker.cut(bytes, minimum: 64, maximum: 5000, mask: 0) == 64)
            #expect(chunker.cut(bytes, minimum: 4999, maximum: 5000, mask: 0) == 4999)
            #expect(chunker.cut(bytes[..<63], minimum: 64, maximum: 5000, mask: 0) == 63)
            #expect(chunker.cut(bytes[..<64], minimum: 64, maximum: 5000, mask: 0) == 64)
            #expect(chunker.cut([], minimum: 64, maximum: 5000, mask: 0) == 0)
            for candidate in chunker.candidates(in: bytes, mask: 0x3FF).prefix(10) {
                #expect(chunker.cut(bytes, minimum: candidate, maximum: 20_000, mask: 0x3FF) == candidate)
            }
        }
    }
}
