import Basics
import MartletTestSupport
import NIOCore
import ObjectStorage
import Testing

@Suite struct `Objects stored with the framing of their transfer` {
    private static let signature = String(repeating: "0a", count: 32)
    private static let content = String(repeating: "\u{1F}content\r\n0\r\n", count: 100)

    /// `text` in frames of `size` bytes.
    private static func framed(_ text: String, size: Int, signed: Bool, end: String) -> String {
        var framed = ""
        var rest = Array(text.utf8)[...]
        let mark = signed ? ";chunk-signature=\(signature)" : ""
        while !rest.isEmpty {
            let piece = rest.prefix(size)
            rest = rest.dropFirst(size)
            framed += "\(String(piece.count, radix: 16))\(mark)\r\n\(String(decoding: piece, as: UTF8.self))\r\n"
        }
        return framed + "0\(mark)\r\n\(end)"
    }

    private func read(_ text: String, in pieces: Int) async throws -> String {
        var rest = ByteBuffer(string: text)
        var chunks: [ByteBuffer] = []
        while let chunk = rest.readSlice(length: min(pieces, max(1, rest.readableBytes))) { chunks.append(chunk) }
        var read = ByteBuffer()
        for try await var chunk in ByteStream(chunks).withoutTransferFraming(of: "it") { read.writeBuffer(&chunk) }
        return String(buffer: read)
    }

    @Test(arguments: [1, 100, 65_536], [1, 13, 1000, 100_000])
    func `come out of it`(frame: Int, pieces: Int) async throws {
        for signed in [false, true] {
            for end in [
                "\r\n", "x-amz-checksum-crc32:AAAAAA==\r\n\r\n",
                "x-amz-checksum-crc32c:AAAAAA==\n\r\nx-amz-trailer-signature:\(Self.signature)\r\n\r\n",
            ] {
                let text = Self.framed(Self.content, size: frame, signed: signed, end: end)
                #expect(try await read(text, in: pieces) == Self.content)
            }
        }
    }

    @Test(arguments: [
        "", "x", "\u{1F}\u{8B}\r\n", "12345\n", "zz\r\n", "5;other=1\r\nhello", String(repeating: "1", count: 2000),
    ])
    func `are left alone if they are none`(text: String) async throws {
        for pieces in [1, 7, 10_000] { #expect(try await read(text, in: pieces) == text) }
    }

    @Test func `are refused where the framing breaks or ends early`() async throws {
        let whole = Self.framed(Self.content, size: 64, signed: false, end: "\r\n")
        let broken = [
            String(whole.dropLast(5)), String(whole.prefix(whole.count / 2)),
            whole.replacing("\r\n40\r\n", with: "\r\nXX\r\n"),
            "5\r\nhello and more\r\n0\r\n\r\n",
        ]
        for text in broken {
            let error = await #expect(throws: StoreError.self) { try await read(text, in: 1000) }
            #expect(error?.code == .integrity)
        }
    }
}
