import Basics
import KubernetesModel

/// A line of a listing, as mc prints it: `[2026-11-22 10:58:25 UTC]  1.5KiB STANDARD output/a.csv.gz`.
enum EntryText {
    static func line(_ entry: ListedEntry, shownKey: some StringProtocol) -> String {
        var line = "[\(entry.modified.map(instant) ?? "0001-01-01 00:00:00 UTC")] \(padded(size(entry.size), 8)) "
        if entry.kind != .prefix, let storageClass = entry.storageClass { line += storageClass + " " }
        if let version = entry.versionID, let ordinal = entry.ordinal {
            line += "\(version) v\(ordinal) \(entry.kind == .deleteMarker ? "DEL" : "PUT") "
        }
        return line + PlainText.printable(String(shownKey), keepingLines: false)
    }

    static func json(_ entry: ListedEntry, shownKey: some StringProtocol, url: String) -> JSONValue {
        var json: JSONValue = [
            "status": "success", "type": entry.kind == .prefix ? "folder" : "file", "key": .string(String(shownKey)),
            "size": .number(JSONNumber(entry.size)), "url": .string(url),
        ]
        json["lastModified"] = entry.modified.map { .string($0.description) }
        json["etag"] = entry.etag.map { .string($0) }
        json["storageClass"] = entry.storageClass.map { .string($0) }
        json["versionId"] = entry.versionID.map { .string($0) }
        json["versionOrdinal"] = entry.ordinal.map { .number(JSONNumber($0)) }
        if entry.kind == .deleteMarker { json["isDeleteMarker"] = true }
        if entry.ordinal != nil { json["isLatest"] = .bool(entry.isLatest) }
        return json
    }

    /// `2026-11-22 10:58:25 UTC`.
    static func instant(_ instant: Timestamp) -> String {
        instant.wholeSeconds.description.dropLast().map { $0 == "T" ? " " : String($0) }.joined() + " UTC"
    }

    /// `1.5KiB`, without the blank that stands before the unit elsewhere, so that a size is one word.
    static func size(_ bytes: Int64) -> String { ByteCount(bytes).description.split(separator: " ").joined() }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}

extension Console {
    /// One JSON object in a line of its own.
    func jsonLine(_ value: JSONValue) { write(value.serialized() + [UInt8(ascii: "\n")]) }
}
