import FoundationEssentials
import Testing

/// Compares text with a file beside the tests. MARTLET_RECORD_SNAPSHOTS=1 writes the files anew; the change is then read
/// in the diff.
func expectSnapshot(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let file = folder.appending(path: "Snapshots/\(name).txt")
    if ProcessInfo.processInfo.environment["MARTLET_RECORD_SNAPSHOTS"] == "1" {
        #expect(throws: Never.self, sourceLocation: sourceLocation) {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        return
    }
    let recorded = try? String(contentsOf: file, encoding: .utf8)  // A missing file is a difference as any other.
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let expected = (recorded ?? "").split(separator: "\n", omittingEmptySubsequences: false)
    let difference = lines.indices.first { !expected.indices.contains($0) || expected[$0] != lines[$0] }
    #expect(
        text == recorded,
        "Snapshots/\(name).txt differs from line \((difference ?? lines.count) + 1); record with MARTLET_RECORD_SNAPSHOTS=1",
        sourceLocation: sourceLocation)
}
