import MartletTestSupport
import ResticFormat
import Testing

@Suite struct ChunkerTests {
    private static let polynomial = Polynomial(bits: 0x3DA3_358B_4DC1_73)

    /// 32 MiB of SplitMix64 from the state 0.
    private static let sample: [UInt8] = {
        var generator = SeededGenerator(seed: 0)
        return [UInt8](unsafeUninitializedCapacity: 32 << 20) { buffer, count in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            for offset in stride(from: 0, to: 32 << 20, by: 8) {
                raw.storeBytes(of: generator.next().littleEndian, toByteOffset: offset, as: UInt64.self)
            }
            count = 32 << 20
        }
    }()

    private static let lengths = [
        1_285_841, 609_147, 536_277, 939_814, 759_094, 1_146_182, 2_257_240, 1_210_894, 631_848, 864_506, 3_818_237,
        2_152_464, 1_101_042, 1_239_951, 1_416_160, 1_138_876, 1_138_629, 1_036_623, 2_456_254, 591_608, 915_531,
        3_296_875, 2_517_760, 493_579,
    ]

    private func lengths(_ bytes: [UInt8], _ chunker: Chunker) -> [Int] {
        bytes.withUnsafeBytes { raw in
            var lengths: [Int] = []
            var start = 0
            while start < raw.count {
                lengths.append(chunker.cut(UnsafeRawBufferPointer(rebasing: raw[start...])))
                start += lengths.last ?? raw.count
            }
            return lengths
        }
    }

    @Test func `the known data is cut at the known places`() throws {
        let chunker = try Chunker(Self.polynomial)
        #expect(
            ResticID(hashing: Self.sample).description
                == "5f8a27a3ca95270f64068863e729fd8872193f57562a64334ee2d22ec8ac8fea")
        #expect(lengths(Self.sample, chunker) == Self.lengths)
        let ids = [
            "0c9722f1466328d522e24f6602dff1054317d580ebd2bad4cbac3410f5f8384e",
            "cfd4d851001017cf4ce45fcef3935b17258c6d38a7cff31b88781fb713e21443",
            "bdac4a60a7253046742e9e3fee0487afb86269b9dc367883da01d16347526c1c",
            "ff55a781405bb08c7038e371bce470a199ef2706b9980f73f17eac616124bb37",
            "a713feee7ab742228fab2e5aafed09f06c0c063c004de1c43ea11ce9ac28584a",
            "42d1f80774010719cdbd4052e5611e10dd0fb90203611ce3e3bcfe75a69f4463",
        ]
        let fingerprints: [UInt64] = [
            0x001B_22F2_89C0_0000, 0x0013_2554_0880_0000, 0x0006_7C55_BFE0_0000, 0x0019_F087_8860_0000,
            0x0012_F7D0_7240_0000, 0x0007_8B3E_0620_0000,
        ]
        var start = 0
        for (index, length) in Self.lengths.enumerated() {
            let chunk = Array(Self.sample[start..<(start + length)])
            start += length
            if index < 6 {
                #expect(ResticID(hashing: chunk).description == ids[index])
                #expect(chunk.withUnsafeBytes { chunker.fingerprint(endOf: $0) } == fingerprints[index])
            } else if index == Self.lengths.count - 1 {
                #expect(
                    ResticID(hashing: chunk).description
                        == "3ccc29cd91a30175a25dc4aec39c2d962f6de23eced33cd5afa54ec818d1ea2f")
            }
        }
    }

    @Test func `candidates, found piece by piece, give the same cuts`() throws {
        let chunker = try Chunker(Self.polynomial)
        var generator = SeededGenerator(seed: 25)
        var candidates: [Int] = []
        var position = 0
        while position < Self.sample.count {
            let end = min(Self.sample.count, position + Int.random(in: 1...5_000_000, using: &generator))
            let from = max(0, position - Chunker.window)
            candidates += Self.sample.withUnsafeBytes { raw in
                let piece = UnsafeRawBufferPointer(rebasing: raw[from..<end])
                return chunker.candidates(in: piece, from: position == 0 ? 0 : position - from + 1).map { $0 + from }
            }
            position = end
        }
        #expect(candidates == Self.sample.withUnsafeBytes { chunker.candidates(in: $0) })
        var cuts = ChunkCuts()
        var ends: [Int] = []
        for candidate in candidates { cuts.candidate(candidate) { ends.append($0) } }
        cuts.finish(at: Self.sample.count) { ends.append($0) }
        #expect(zip(ends, [0] + ends).map { $0 - $1 } == Self.lengths)
    }

    @Test func `zeros are cut as often as possible`() throws {
        let zeros = [UInt8](repeating: 0, count: 2 << 20)
        let chunker = try Chunker(Polynomial(bits: 0x25B4_6883_8DCB_75))
        #expect(lengths(zeros, chunker) == [524_288, 524_288, 524_288, 524_288])
        #expect(
            ResticID(hashing: Array(zeros[..<524_288])).description
                == "07854d2fef297a06ba81685e660c332de36d5d18d546927d30daad6d7fda1541")
        #expect(zeros.withUnsafeBytes { isAllZero($0) })
        #expect(![0, 0, 1].withUnsafeBytes { isAllZero($0) })
    }

    @Test func `many candidates do not overflow`() throws {
        let chunker = try Chunker(Self.polynomial)
        let found = Self.sample.withUnsafeBytes { raw in
            chunker.candidates(in: UnsafeRawBufferPointer(rebasing: raw[..<20_000]), mask: 0x3)
        }
        #expect(found.count > 4000 && found.count < 6000 && found == Array(Set(found)).sorted())
        let zeros = [UInt8](repeating: 0, count: 1000)
        #expect(zeros.withUnsafeBytes { chunker.candidates(in: $0) } == Array(64...1000))
        for length in 0..<64 {
            #expect(zeros[..<length].withUnsafeBytes { chunker.candidates(in: $0) }.isEmpty)
        }
        #expect(zeros[..<64].withUnsafeBytes { chunker.candidates(in: $0) } == [64])
    }

    @Test func `without candidates the maximum decides`() {
        func ends(_ candidates: [Int], _ length: Int) -> [Int] {
            var cuts = ChunkCuts()
            var ends: [Int] = []
            for candidate in candidates { cuts.candidate(candidate) { ends.append($0) } }
            cuts.finish(at: length) { ends.append($0) }
            return ends
        }
        let (least, most) = (Chunker.minimum, Chunker.maximum)
        #expect(
            ends([], 0) == [] && ends([], 1) == [1] && ends([], most) == [most]
                && ends([], most + 1) == [most, most + 1])
        #expect(ends([least - 1, least, least + 5], least + 9) == [least, least + 9])
        #expect(ends([3 * most], 3 * most) == [most, 2 * most, 3 * most])
        #expect(ends([most + 5], most + 5) == [most, most + 5])
        #expect(ends([most + least], 2 * most) == [most, most + least, 2 * most])
    }

    @Test func `short files and constant ones`() throws {
        let chunker = try Chunker(Self.polynomial)
        for length in [1, 63, 64, 1000, Chunker.minimum - 1] {
            #expect(Self.sample[..<length].withUnsafeBytes { chunker.cut($0) } == length)
        }
        #expect(chunker.cut(UnsafeRawBufferPointer(start: nil, count: 0)) == 0)
        #expect(Sample.code { _ = try Chunker(Polynomial(bits: 7)) } == .unsupported)
    }
}
