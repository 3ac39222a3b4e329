import Basics
import FoundationEssentials
import NIOCore
import ObjectStorage

/// What stands for the beginning of a log that was shortened: the state of all keys after segment `number`, in parts that are
/// written as segments are (`.martlet/base/NUMBER/PART.ndjson`, each with the hash of the one before), and a head that is
/// written last (`.martlet/base/NUMBER.json`). Without its head, a base does not exist.
struct HistoryBase: Sendable, Hashable {
    /// The last segment that it stands for.
    var number: Int
    /// The hash of that segment, which the next one names.
    var segment: String
    /// The parts, and the hash of the last; nil for a base without keys.
    var parts: Int
    var hash: String?
    /// Instants before it cannot be restored any more.
    var from: Timestamp

    /// Entries in each part; a part has about 2.5 MB then.
    static let entriesInPart = 10_000

    var head: ObjectKey { HistoryBase.named("\(padded(number, 10)).json") }

    func part(_ part: Int) -> ObjectKey { HistoryBase.named("\(padded(number, 10))/\(padded(part, 6)).ndjson") }

    private static func named(_ name: String) -> ObjectKey {
        guard let key = ObjectKey(MirrorLayout.base + name) else { preconditionFailure("'\(name)' is no key") }
        return key
    }

    /// Which base a key of the layout belongs to; nil for what is none.
    static func number(of key: ObjectKey) -> Int? {
        guard key.text.hasPrefix(MirrorLayout.base) else { return nil }
        return Int(key.text.dropFirst(MirrorLayout.base.count).prefix { $0 != "." && $0 != "/" })
    }

    static func isHead(_ key: ObjectKey) -> Bool {
        key.text.hasPrefix(MirrorLayout.base) && key.text.hasSuffix(".json") && number(of: key) != nil
    }

    // MARK: The head

    func encoded() -> ByteBuffer {
        let hash = hash.map { ",\"hash\":\"\($0)\"" } ?? ""
        return ByteBuffer(
            string:
                "{\"martlet\":1,\"base\":\(number),\"segment\":\"\(segment)\",\"parts\":\(parts)\(hash),\"from\":\"\(from)\"}\n"
        )
    }

    /// - Throws: `.history` for bytes that are not the head of this number.
    init(decoding bytes: ByteBuffer, number: Int) throws(MirrorError) {
        // Whatever is wrong with it, it is none.
        guard let line = try? JSONDecoder().decode(Line.self, from: Data(bytes.readableBytesView)), line.martlet == 1,
            line.base == number, (0...10_000_000).contains(line.parts), let from = Timestamp(line.from)
        else { throw MirrorError(.history, "the base \(number) of the history makes no sense") }
        self.init(number: number, segment: line.segment, parts: line.parts, hash: line.hash, from: from)
    }

    init(number: Int, segment: String, parts: Int, hash: String?, from: Timestamp) {
        self.number = number
        self.segment = segment
        self.parts = parts
        self.hash = hash
        self.from = from
    }

    private struct Line: Decodable {
        let martlet: Int
        let base: Int
        let segment: String
        let parts: Int
        let hash: String?
        let from: String
    }
}
