package import Basics
import FoundationEssentials
package import ObjectStorage

/// One line of the history: something that happened to one key.
package struct HistoryEntry: Sendable, Hashable {
    package enum Happening: String, Sendable, CaseIterable {
        /// The source had this state, and the target has it now.
        case put
        /// The source's object was gone.
        case gone
        /// What the target had was moved beneath the history's prefix, because it was about to be replaced or deleted.
        case moved
    }

    package var key: ObjectKey
    package var happening: Happening
    /// By the source: when the object was written, or when it was noticed that it was gone. Of `moved`: when it was.
    package var time: Timestamp
    /// Of the source's object.
    package var size: Int64 = 0
    package var tag: String?
    /// Of the copy; of `moved`: what was moved.
    package var targetTag: String?
    package var version: String?
    /// Where it was moved to.
    package var location: String?

    package init(key: ObjectKey, _ happening: Happening, at time: Timestamp) {
        self.key = key
        self.happening = happening
        self.time = time
    }
}

// MARK: As a line of JSON

extension HistoryEntry {
    /// `{"key":"…","op":"put","time":"…","size":1,"tag":"…","target":"…","version":"…"}` without a line end. Written by
    /// hand: there is one for every copy.
    func write(to line: inout String) {
        line += "{\"key\":"
        HistoryEntry.write(key.text, to: &line)
        line += ",\"op\":\"\(happening.rawValue)\",\"time\":\"\(time)\""
        if happening == .put { line += ",\"size\":\(size)" }
        for (name, value) in [("tag", tag), ("target", targetTag), ("version", version), ("location", location)] {
            guard let value else { continue }
            line += ",\"\(name)\":"
            HistoryEntry.write(value, to: &line)
        }
        line += "}"
    }

    /// - Returns: nil for a line that this type did not write.
    init?(line: some Collection<UInt8>) {
        // Whatever is wrong with a line, it is one that this type did not write.
        guard let fields = try? JSONDecoder().decode(Line.self, from: Data(line)), let key = ObjectKey(fields.key),
            let happening = Happening(rawValue: fields.op), let time = Timestamp(fields.time)
        else { return nil }
        self.init(key: key, happening, at: time)
        size = fields.size ?? 0
        tag = fields.tag
        targetTag = fields.target
        version = fields.version
        location = fields.location
    }

    private struct Line: Decodable {
        let key: String
        let op: String
        let time: String
        let size: Int64?
        let tag: String?
        let target: String?
        let version: String?
        let location: String?
    }

    private static func write(_ text: String, to line: inout String) {
        line += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": line += "\\\""
            case "\\": line += "\\\\"
            case "\u{0}"..."\u{1F}", "\u{7F}":
                let digits = String(scalar.value, radix: 16)
                line += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: line.unicodeScalars.append(scalar)
            }
        }
        line += "\""
    }
}
