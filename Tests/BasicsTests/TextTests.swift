import Basics
import Testing

@Suite struct ByteCountTests {
    @Test(arguments: [
        (0, "0 B"), (999, "999 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (-1536, "-1.5 KiB"),
        (20 << 30, "20.0 GiB"), (1 << 40, "1.0 TiB"), (1_048_575, "1024.0 KiB"), (5_368_709, "5.1 MiB"),
        (Int.max, "8.0 EiB"), (Int.min, "-8.0 EiB"),
    ]) func `is written for people`(count: Int, text: String) {
        #expect(ByteCount(count).description == text)
    }

    @Test func `adds and compares`() {
        #expect(ByteCount.kibibytes(1) + ByteCount.zero == ByteCount(1024))
        #expect(ByteCount.mebibytes(2) - .mebibytes(1) == .kibibytes(1024))
        #expect(ByteCount(1) < ByteCount(2))
    }
}

@Suite struct HexTests {
    @Test func `every byte survives`() {
        let bytes = (0...255).map { UInt8($0) }
        let text = Hex.encode(bytes)
        #expect(text.count == 512 && text.hasPrefix("000102") && text.hasSuffix("fdfeff"))
        #expect(Hex.decode(text) == bytes)
        #expect(Hex.decode(text.uppercased()) == bytes)
        #expect(Hex.decode("") == [])
    }

    @Test(arguments: ["a", "0g", "0x", " 0", "é"]) func `refuses what is no hex`(text: String) {
        #expect(Hex.decode(text) == nil)
    }
}

@Suite struct SecretTests {
    private struct Holder { let password: Secret }

    @Test func `no way of printing shows it`() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(Holder(password: secret), to: &dumped)
        let texts = [
            "\(secret)", String(describing: secret), String(reflecting: secret), "\([secret])",
            "\(Holder(password: secret))",
            "\(Optional(secret) as Any)", dumped, "\(Mirror(reflecting: secret).children.map(\.value))",
        ]
        for text in texts { #expect(!text.contains("hunter2"), "\(text)") }
        #expect(secret.reveal() == "hunter2")
        #expect(!secret.isEmpty && Secret("").isEmpty)
    }
}

@Suite struct ErrorChainTests {
    private struct Link: CausedError {
        let description: String
        let cause: (any Error)?
    }

    @Test func `prints each link once, outermost first`() {
        let chain = Link(description: "a", cause: Link(description: "b", cause: Link(description: "b", cause: nil)))
        #expect(ErrorChain.lines(chain) == ["a", "b"])
        #expect(ErrorChain.line(chain) == "a: b")
    }

    @Test func `ends after sixteen lines`() {
        var chain = Link(description: "0", cause: nil)
        for number in 1...100 { chain = Link(description: "\(number)", cause: chain) }
        #expect(ErrorChain.lines(chain).count == 16)
    }
}
