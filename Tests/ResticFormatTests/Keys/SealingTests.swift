import MartletTestSupport
import ResticFormat
import Testing

@Suite struct SealingTests {
    /// Source: Bernstein, "The Poly1305-AES message-authentication code", appendix B.
    @Test(arguments: [
        (
            r: "851fc40c3467ac0be05cc20404f3f700", k: "ec074c835580741701425b623235add6",
            nonce: "fb447350c4e868c52ac3275cf9d4327e", message: "f3f6", tag: "f4c633c3044fc145f84f335cb81953de"
        ),
        (
            r: "a0f3080000f46400d0c7e9076c834403", k: "75deaa25c09f208e1dc4ce6b5cad3fbf",
            nonce: "61ee09218d29b0aaed7e154a2c5509cc", message: "", tag: "dd3fab2251f11ac759f0887129cc2ee7"
        ),
        (
            r: "48443d0bb0d21109c89a100b5ce2c208", k: "6acb5f61a7176dd320c5c1eb2edcdc74",
            nonce: "ae212a55399729595dea458bc621ff0e",
            message: "663cea190ffb83d89593f3f476b6bc24d7e679107ea26adb8caf6652d0656136",
            tag: "0ee1c16bb73f0f4fd19881753c01cdbe"
        ),
    ])
    func `authentication codes are as published`(
        _ vector: (r: String, k: String, nonce: String, message: String, tag: String)
    ) throws {
        let key = try MasterKey(
            encrypt: Array(1...32), k: Sample.bytes(vector.k), r: Sample.bytes(vector.r))
        // The ciphertext alone is authenticated, so any message is a valid one.
        let sealed = try Sample.bytes(vector.nonce + vector.message + vector.tag)
        let plain = try key.open(sealed)
        #expect(plain.count == vector.message.count / 2)
        let iv = try #require(InitializationVector(bytes: Sample.bytes(vector.nonce)))
        #expect(key.seal(plain, iv: iv) == sealed)
    }

    @Test func `an object that restic sealed`() throws {
        let key = try MasterKey(
            encrypt: Sample.bytes("303e8687b1d7db18421bdc6bb8588ccadac4d59ee87b8ff70c44e635790cafef"),
            k: Sample.bytes("ef4d8824cb80b2bcc5fbff8a9b12a42c"), r: Sample.bytes("cc8d4b948ee0ebfe1d415de921d10353"))
        let sealed = try Sample.bytes(
            "69fb41c62d12def4593bd71757138606338f621aeaeb39da0fe4f99233f8037a54ea63338a813bcf3f75d8c3cc75dddf8750")
        #expect(String(decoding: try key.open(sealed), as: UTF8.self) == "Dies ist ein Test!")
    }

    @Test func `every length opens again, in place too`() throws {
        var generator = SeededGenerator(seed: 1)
        let key = try MasterKey(using: &generator)
        for length in Array(0...200) + [1023, 4096, 65_537] {
            let plain = Sample.bytes(length, &generator)
            let sealed = key.seal(plain, iv: InitializationVector(using: &generator))
            #expect(sealed.count == length + MasterKey.overhead)
            #expect(try key.open(sealed) == plain)
            var memory = sealed
            try memory.withUnsafeMutableBytes { bytes in
                let inner = UnsafeMutableRawBufferPointer(rebasing: bytes[16..<(16 + length)])
                try key.open(UnsafeRawBufferPointer(bytes), into: inner)
            }
            #expect(Array(memory[16..<(16 + length)]) == plain)
        }
    }

    @Test func `the counter carries over all its bits`() throws {
        let key = try Sample.key()
        let iv = try Sample.iv(0xFF)
        let zeros = [UInt8](repeating: 0, count: 48)
        let stream = key.seal(zeros, iv: iv)
        // The block after the one of all ones is the one of all zeros, not one with a rest of the old bits.
        let zeroCounter = try #require(InitializationVector(bytes: [UInt8](repeating: 0, count: 15) + [1]))
        let second = key.seal(zeros, iv: zeroCounter)
        #expect(Array(stream[48..<64]) == Array(second[16..<32]))
    }

    @Test func `a changed byte anywhere, a missing one, another key: nothing opens`() throws {
        var generator = SeededGenerator(seed: 2)
        let key = try MasterKey(using: &generator)
        let sealed = key.seal(Sample.bytes(40, &generator), iv: InitializationVector(using: &generator))
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            #expect(Sample.code { _ = try key.open(changed) } == .unauthenticated)
        }
        for length in 0..<sealed.count {
            let expected: FormatError.Code = length < MasterKey.overhead ? .malformed : .unauthenticated
            #expect(Sample.code { _ = try key.open(Array(sealed[..<length])) } == expected)
        }
        let other = try MasterKey(using: &generator)
        #expect(Sample.code { _ = try other.open(sealed) } == .unauthenticated)
    }

    @Test func `keys and vectors of zeros are refused`() throws {
        let some = [UInt8](repeating: 1, count: 16)
        let none = [UInt8](repeating: 0, count: 16)
        #expect(Sample.code { _ = try MasterKey(encrypt: none + none, k: some, r: some) } == .unusableKey)
        #expect(Sample.code { _ = try MasterKey(encrypt: some + some, k: none, r: some) } == .unusableKey)
        #expect(Sample.code { _ = try MasterKey(encrypt: some + some, k: some, r: none) } == .unusableKey)
        #expect(Sample.code { _ = try MasterKey(encrypt: some, k: some, r: some) } == .unusableKey)
        #expect(InitializationVector(bytes: none) == nil)
        let sealed = try Sample.key().seal([1, 2, 3], iv: Sample.iv(9))
        #expect(Sample.code { _ = try Sample.key().open(none + sealed.dropFirst(16)) } == .unauthenticated)
    }

    @Test func `no text shows a key`() throws {
        let key = try Sample.key()
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            #expect(!text.contains("32") && !text.contains("AAEC"), "\(text)")
        }
    }
}
