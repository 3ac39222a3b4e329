package import Basics
import NIOCore

/// The framing `aws-chunked` that some clients and servers left inside of objects: a hexadecimal length, perhaps with a
/// signature, the bytes, and so on to a length of 0 and checksum lines. Velero's plug-in 1.14.0 to 1.14.2 wrote such backups to
/// stores that did not know trailing checksums. What lies inside is whole, and can be had back.
///
/// A value without I/O: feed it what arrives. Source: Amazon S3 API Reference, "Transferring payload in multiple chunks".
struct TransferFraming {
    private enum Phase { case length, bytes(Int), end, trailers }

    private var phase = Phase.length
    private var line: [UInt8] = []
    /// Longer than any signature or checksum line.
    static let longestLine = 512

    /// Whether an object begins as if it were framed. What is inside must be checked by whoever knows what it should be.
    static func isLikely(_ start: some Sequence<UInt8>) -> Bool {
        var digits = 0
        var text: [UInt8] = []
        for byte in start.prefix(longestLine) {
            if byte == 0x0A { break }
            text.append(byte)
        }
        guard text.last == 0x0D else { return false }
        text.removeLast()
        while digits < text.count, TransferFraming.digit(text[digits]) != nil { digits += 1 }
        guard (1...8).contains(digits) else { return false }
        return digits == text.count || text[digits...].starts(with: Array(";chunk-signature=".utf8))
    }

    /// The bytes inside of `framed`.
    /// - Throws: `.integrity` where the framing makes no sense.
    mutating func feed(_ framed: ByteBuffer, of what: String) throws(StoreError) -> ByteBuffer {
        var framed = framed
        var inside = ByteBuffer()
        while framed.readableBytes > 0 {
            if case .bytes(let left) = phase {
                var piece = framed.readSlice(length: min(left, framed.readableBytes)) ?? ByteBuffer()
                phase = piece.readableBytes == left ? .end : .bytes(left - piece.readableBytes)
                if inside.readableBytes == 0 { inside = piece } else { inside.writeBuffer(&piece) }
                continue
            }
            guard let byte: UInt8 = framed.readInteger() else { break }
            guard byte == 0x0A else {
                line.append(byte)
                guard line.count <= TransferFraming.longestLine else { throw broken(what) }
                continue
            }
            if line.last == 0x0D { line.removeLast() }
            try finishLine(of: what)
            line = []
        }
        return inside
    }

    /// Whether the last frame has come.
    var isWhole: Bool {
        if case .trailers = phase { return true }
        return false
    }

    private mutating func finishLine(of what: String) throws(StoreError) {
        switch phase {
        case .length:
            var length = 0
            let digits = line.prefix { TransferFraming.digit($0) != nil }
            guard (1...8).contains(digits.count) else { throw broken(what) }
            for digit in digits { length = length << 4 | (TransferFraming.digit(digit) ?? 0) }
            phase = length == 0 ? .trailers : .bytes(length)
        case .end:
            guard line.isEmpty else { throw broken(what) }
            phase = .length
        case .trailers: break  // Checksums, which some writers end with a bare line feed.
        case .bytes: break
        }
    }

    private func broken(_ what: String) -> StoreError {
        StoreError(
            .integrity,
            "\(what) was stored with the framing of its transfer (aws-chunked) and is damaged beyond that")
    }

    private static func digit(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x30...0x39: Int(byte - 0x30)
        case 0x41...0x46: Int(byte - 0x41 + 10)
        case 0x61...0x66: Int(byte - 0x61 + 10)
        default: nil
        }
    }
}

extension ChunkStream<ByteBuffer> {
    /// The stream itself, or what lies inside if it begins with the framing `aws-chunked`: for objects whose content never
    /// begins like that, such as gzip archives. See `TransferFraming`.
    ///
    /// The stream throws `.integrity` if the framing is broken or ends early. Memory: one chunk.
    /// - Parameter what: for messages: the object.
    package func withoutTransferFraming(of what: String) -> ByteStream {
        ByteStream { [self] in
            var iterator = makeAsyncIterator()
            var start: ByteBuffer? = ByteBuffer()
            var framing: TransferFraming?
            var isAtEnd = false
            return {
                // Until it is clear what this is: a first line, or enough bytes to know that there is none.
                while var begun = start {
                    if var chunk = try await iterator.next() { begun.writeBuffer(&chunk) } else { isAtEnd = true }
                    start = begun
                    guard isAtEnd || begun.readableBytes >= TransferFraming.longestLine else { continue }
                    start = nil
                    guard TransferFraming.isLikely(begun.readableBytesView) else {
                        return isAtEnd && begun.readableBytes == 0 ? nil : begun
                    }
                    framing = TransferFraming()
                    if let inside = try framing?.feed(begun, of: what), inside.readableBytes > 0 { return inside }
                }
                while true {
                    let chunk = isAtEnd ? nil : try await iterator.next()
                    guard framing != nil, let chunk else {
                        guard framing?.isWhole ?? true else {
                            throw StoreError(.integrity, "\(what) ends inside of the framing that it was stored with")
                        }
                        return chunk
                    }
                    if let inside = try framing?.feed(chunk, of: what), inside.readableBytes > 0 { return inside }
                }
            }
        }
    }
}
