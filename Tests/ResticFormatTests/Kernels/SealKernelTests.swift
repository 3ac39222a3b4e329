import Basics
import CRestic
import Testing

@Suite struct SealKernelTests {
    static let key = KernelSealKey(
        encrypt: Kernel.bytes(32, seed: 11), k: Kernel.bytes(16, seed: 12), r: Kernel.bytes(16, seed: 13))
    static let plain = Kernel.bytes(100_000, seed: 14)

    /// Bernstein's test vectors for Poly1305-AES (2005), as messages that are already encrypted: a sealed object whose
    /// ciphertext is the message must be accepted, and no other.
    static let vectors: [(r: String, k: String, nonce: String, message: String, mac: String)] = [
        (
            "851fc40c3467ac0be05cc20404f3f700", "ec074c835580741701425b623235add6",
            "fb447350c4e868c52ac3275cf9d4327e", "f3f6", "f4c633c3044fc145f84f335cb81953de"
        ),
        (
            "a0f3080000f46400d0c7e9076c834403", "75deaa25c09f208e1dc4ce6b5cad3fbf",
            "61ee09218d29b0aaed7e154a2c5509cc", "", "dd3fab2251f11ac759f0887129cc2ee7"
        ),
        (
            "48443d0bb0d21109c89a100b5ce2c208", "6acb5f61a7176dd320c5c1eb2edcdc74",
            "ae212a55399729595dea458bc621ff0e",
            "663cea190ffb83d89593f3f476b6bc24d7e679107ea26adb8caf6652d0656136", "0ee1c16bb73f0f4fd19881753c01cdbe"
        ),
    ]

    @Test(arguments: Kernel.levels, 0..<3) func `the published codes of Poly1305-AES are right`(
        level: Int32, index: Int
    ) {
        let vector = Self.vectors[index]
        let key = KernelSealKey(
            encrypt: Kernel.bytes(32, seed: 1), k: Kernel.hex(vector.k), r: Kernel.hex(vector.r))
        let sealed = Kernel.hex(vector.nonce + vector.message + vector.mac)
        Kernel.at(level) {
            #expect(key.open(sealed[...])?.count == vector.message.utf8.count / 2)
            var flipped = sealed
            flipped[sealed.count - 1] ^= 1
            #expect(key.open(flipped[...]) == nil)
        }
    }

    @Test(arguments: Kernel.levels) func `an object that another program sealed opens`(level: Int32) {
        let key = KernelSealKey(
            encrypt: Kernel.hex("303e8687b1d7db18421bdc6bb8588ccadac4d59ee87b8ff70c44e635790cafef"),
            k: Kernel.hex("ef4d8824cb80b2bcc5fbff8a9b12a42c"), r: Kernel.hex("cc8d4b948ee0ebfe1d415de921d10353"))
        let sealed = Kernel.hex(
            "69fb41c62d12def4593bd71757138606338f621aeaeb39da0fe4f99233f8037a54ea63338a813bcf3f75d8c3cc75dddf8750")
        Kernel.at(level) {
            #expect(key.open(sealed[...]) == Array("Dies ist ein Test!".utf8))
            #expect(key.seal(Array("Dies ist ein Test!".utf8)[...], iv: Array(sealed[..<16])) == sealed)
        }
    }

    /// AES-256 in counter mode: NIST SP 800-38A, F.5.5.
    @Test(arguments: Kernel.levels) func `the cipher is the one of NIST's example`(level: Int32) {
        let key = KernelSealKey(
            encrypt: Kernel.hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"),
            k: Kernel.bytes(16, seed: 2), r: Kernel.bytes(16, seed: 3))
        let plain = Kernel.hex(
            "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
                + "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710")
        let cipher = Kernel.hex(
            "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
                + "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6")
        let sealed = Kernel.at(level) { key.seal(plain[...], iv: Kernel.hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")) }
        #expect(Array(sealed[16..<80]) == cipher)
    }

    @Test(arguments: Kernel.levels, [0, 1, 15, 16, 17, 1000, 16_383, 16_384, 16_385, 40_000])
    func `a seal is told from one that differs in any bit`(level: Int32, length: Int) {
        let plain = Self.plain[..<length]
        let sealed = Kernel.at(0) { Self.key.seal(plain, iv: Kernel.bytes(16, seed: 3)) }
        Kernel.at(level) {
            #expect(Self.key.isSeal(sealed, of: plain))
            // Of the counter, of the first and last bytes, and of the MAC.
            for place in Set([0, 15, 16, 16 + length / 2, 15 + length, 16 + length, 31 + length]) {
                var flipped = sealed
                flipped[place] ^= 0x10
                #expect(!Self.key.isSeal(flipped, of: plain), "\(place)")
            }
            for place in Set([0, length / 2, length - 1]) where length > 0 {
                var other = plain
                other[place] ^= 1
                #expect(!Self.key.isSeal(sealed, of: other), "\(place)")
            }
            #expect(!Self.key.isSeal(Array(sealed.prefix(31)), of: []))
        }
    }

    @Test(arguments: Kernel.fastLevels) func `every level seals and opens as the portable one`(level: Int32) {
        var random = SeededNumbers(seed: 15)
        for length in Array(0...600) + (0..<60).map({ _ in random.below(90_000) }) + [16_383, 16_384, 16_385, 32_768] {
            let slice = Self.plain[(length % 33)..<(length % 33 + length)]
            let iv = Kernel.bytes(16, seed: UInt64(length))
            let expected = Kernel.at(0) { Self.key.seal(slice, iv: iv) }
            let sealed = Kernel.at(level) { Self.key.seal(slice, iv: iv) }
            #expect(sealed == expected, "\(length) bytes")
            // An odd alignment: one byte before.
            #expect(Kernel.at(level) { Self.key.open(([0] + sealed)[1...]) } == Array(slice), "\(length) bytes")
        }
    }

    @Test(arguments: Kernel.levels) func `the counter carries through all its 128 bits`(level: Int32) {
        var ends: [[UInt8]] = [[UInt8](repeating: 0xFF, count: 16)]
        for left in [1, 3, 7, 15, 16, 17, 31, 40] as [UInt8] {
            ends.append([UInt8](repeating: 0xFF, count: 15) + [255 - left])
            ends.append(Kernel.bytes(8, seed: 1) + [UInt8](repeating: 0xFF, count: 7) + [255 - left])
            ends.append(Kernel.bytes(11, seed: 1) + [UInt8](repeating: 0xFF, count: 4) + [255 - left])
        }
        for iv in ends {
            let sealed = Kernel.at(level) { Self.key.seal(Self.plain[..<2000], iv: iv) }
            // The same bytes block by block, each sealed under its own counter.
            var counter = iv
            for block in 0..<125 {
                let range = 16 * block..<16 * block + 16
                let alone = Kernel.at(0) { Self.key.seal(Self.plain[range], iv: counter) }
                #expect(alone[16..<32] == sealed[(16 + range.lowerBound)..<(16 + range.upperBound)])
                for place in counter.indices.reversed() {
                    counter[place] &+= 1
                    if counter[place] != 0 { break }
                }
            }
        }
    }

    @Test(arguments: Kernel.levels) func `sums at the edge of the modulus are reduced`(level: Int32) {
        // r = 1 (the sum of the blocks), 2, and the greatest; blocks of all ones overflow limbs at once.
        let rs = [
            [1] + [UInt8](repeating: 0, count: 15), [2] + [UInt8](repeating: 0, count: 15),
            [UInt8](repeating: 255, count: 16),
        ]
        for r in rs {
            let key = KernelSealKey(encrypt: Kernel.bytes(32, seed: 1), k: Kernel.bytes(16, seed: 2), r: r)
            let iv = Kernel.bytes(16, seed: 5)
            for length in [16, 32, 48, 64, 128, 129, 256, 1000, 4096, 20_000] {
                for fill in [0, 0xFB, 0xFF] as [UInt8] {
                    // What encrypts to `fill` everywhere.
                    let wanted = [UInt8](repeating: fill, count: length)
                    let stream = Kernel.at(0) { key.seal([UInt8](repeating: 0, count: length)[...], iv: iv) }
                    let plain = zip(wanted, stream[16...]).map { $0 ^ $1 }
                    let sealed = Kernel.at(level) { key.seal(plain[...], iv: iv) }
                    #expect(Array(sealed[16..<16 + length]) == wanted)
                    #expect(sealed.suffix(16) == IndependentPoly1305.mac(wanted, r: r, pad: pad(key, iv))[...])
                }
            }
        }
        /// The MAC of no bytes is the pad itself.
        func pad(_ key: KernelSealKey, _ iv: [UInt8]) -> [UInt8] {
            Array(Kernel.at(0) { key.seal([], iv: iv) }.suffix(16))
        }
    }

    @Test(arguments: Kernel.levels) func `in place is the same as elsewhere`(level: Int32) {
        Kernel.at(level) {
            for length in [0, 1, 15, 16, 17, 500, 511, 512, 513, 40_000] {
                let plain = Array(Self.plain[..<length])
                let iv = Kernel.bytes(16, seed: 9)
                let sealed = Self.key.seal(plain[...], iv: iv)
                #expect(Self.key.sealedInPlace(plain, iv: iv) == sealed)
                #expect(Self.key.openedInPlace(sealed) == plain)
            }
        }
    }

    @Test(arguments: Kernel.levels) func `a change of any bit is refused, and nothing is written`(level: Int32) {
        let sealed = Self.key.seal(Self.plain[..<200], iv: Kernel.bytes(16, seed: 8))
        Kernel.at(level) {
            for bit in 0..<sealed.count * 8 {
                var changed = sealed
                changed[bit / 8] ^= 1 << UInt8(bit % 8)
                #expect(Self.key.open(changed[...]) == nil, "bit \(bit)")
            }
            for length in 0..<sealed.count { #expect(Self.key.open(sealed[..<length]) == nil, "\(length) bytes") }
        }
    }
}
