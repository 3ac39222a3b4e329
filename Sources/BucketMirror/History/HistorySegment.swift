package import Basics
import Crypto
import FoundationEssentials
package import NIOCore
package import ObjectStorage

/// One object of the log: a line that says which segment it is and the hash of the one before, then a line for each entry.
package struct HistorySegment: Sendable, Hashable {
    /// From 1, without gaps.
    package var number: Int
    /// SHA-256 of the segment before, 64 digits; nil for the first.
    package var previous: String?
    package var written: Timestamp
    package var entries: [HistoryEntry]

    package init(number: Int, previous: String?, written: Timestamp, entries: [HistoryEntry]) {
        self.number = number
        self.previous = previous
        self.written = written
        self.entries = entries
    }

    package var key: ObjectKey { HistorySegment.key(number) }

    /// Ten digits keep the order of names for as long as anybody lives.
    package static func key(_ number: Int) -> ObjectKey {
        guard let key = ObjectKey("\(MirrorLayout.log)\(padded(number, 10)).ndjson") else {
            preconditionFailure("segment \(number) has no name")
        }
        return key
    }

    package static func number(of key: ObjectKey) -> Int? {
        let name = key.text.dropFirst(MirrorLayout.log.count)
        guard key.text.hasPrefix(MirrorLayout.log), name.hasSuffix(".ndjson") else { return nil }
        return Int(name.dropLast(7))
    }

    package func encoded() -> ByteBuffer {
        var text = "{\"martlet\":1,\"segment\":\(number),\"written\":\"\(written)\""
        if let previous { text += ",\"previous\":\"\(previous)\"" }
        text += "}\n"
        text.reserveCapacity(entries.count * 240)
        for entry in entries {
            entry.write(to: &text)
            text += "\n"
        }
        return ByteBuffer(string: text)
    }

    /// - Throws: `.history` for bytes that are not the segment of this number.
    package init(decoding bytes: ByteBuffer, number: Int) throws(MirrorError) {
        var lines = bytes.readableBytesView.split(separator: UInt8(ascii: "\n"))[...]
        // Whatever is wrong with the first line, this is no segment.
        guard let first = lines.popFirst(),
            let header = try? JSONDecoder().decode(Header.self, from: Data(first)), header.martlet == 1,
            header.segment == number, let written = Timestamp(header.written)
        else { throw MirrorError(.history, "segment \(number) of the history does not begin as one") }
        var entries: [HistoryEntry] = []
        entries.reserveCapacity(lines.count)
        for line in lines {
            guard let entry = HistoryEntry(line: line) else {
                throw MirrorError(.history, "line \(entries.count + 2) of segment \(number) makes no sense")
            }
            entries.append(entry)
        }
        self.init(number: number, previous: header.previous, written: written, entries: entries)
    }

    /// What the next segment calls `previous`.
    package static func hash(_ bytes: ByteBuffer) -> String {
        bytes.withUnsafeReadableBytes { Hex.encode(Array(SHA256.hash(data: $0))) }
    }

    private struct Header: Decodable {
        let martlet: Int
        let segment: Int
        let written: String
        let previous: String?
    }
}
