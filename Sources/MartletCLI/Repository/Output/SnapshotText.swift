import Basics
import ResticFormat
import ResticRepository

/// Snapshots as people and programs read them.
enum SnapshotText {
    /// Oldest first, as given.
    static func table(_ snapshots: [StoredSnapshot], showsPaths: Bool = true) -> String {
        var table = Table(["ID", "TIME (UTC)", "HOST", "TAGS", "SIZE"] + (showsPaths ? ["PATHS"] : []))
        for stored in snapshots {
            let snapshot = stored.snapshot
            let cells = [
                stored.id.shortDescription, time(snapshot.time), snapshot.hostname,
                snapshot.tags.joined(separator: ","),
                snapshot.summary.map { ByteCount(Int64(clamping: $0.totalBytesProcessed)).description } ?? "",
            ]
            table.append(cells + (showsPaths ? [snapshot.paths.joined(separator: " ")] : []))
        }
        return table.text()
    }

    /// `2026-11-22 10:58:25`, in UTC.
    static func time(_ time: NodeTime) -> String {
        let text = NodeTime(seconds: time.seconds).description
        return text.prefix(10) + " " + text.dropFirst(11).prefix(8)
    }

    /// restic's object: the snapshot's own members, then its id.
    static func json(_ stored: StoredSnapshot) -> JSONLine {
        var line = JSONLine(continuing: stored.snapshot.encoded())
        line.add("id", stored.id.description)
        line.add("short_id", stored.id.shortDescription)
        return line
    }
}
