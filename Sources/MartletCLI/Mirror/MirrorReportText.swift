import Basics
import BucketMirror
import KubernetesModel
import ObjectStorage

/// What a mirror did, in mc's words and fields where it has them.
enum MirrorReportText {
    static func line(source: String, target: String) -> String {
        PlainText.printable("`\(source)` -> `\(target)`", keepingLines: false)
    }

    static func json(
        source: String, target: String, info: ObjectInfo, counts: ListTotal, reason: Difference.Reason?
    ) -> JSONValue {
        var json: JSONValue = [
            "status": "success", "source": .string(source), "target": .string(target),
            "size": .number(JSONNumber(info.size)), "totalCount": .number(JSONNumber(counts.count)),
            "totalSize": .number(JSONNumber(counts.bytes)),
        ]
        json["reason"] = reason.map { .string($0.rawValue) }
        json["eventTime"] = info.lastModified.map { .string($0.description) }
        return json
    }

    static func summary(_ report: MirrorReport) -> JSONValue {
        let counts = report.counts
        return [
            "status": report.isComplete ? "success" : "error", "type": "summary",
            "total": .number(JSONNumber(counts.bytesPlanned)), "transferred": .number(JSONNumber(counts.bytesCopied)),
            "duration": .number(JSONNumber(nanoseconds(report.elapsed))), "speed": .number(JSONNumber(speed(report))),
            "compared": .number(JSONNumber(counts.compared)), "equal": .number(JSONNumber(counts.equal)),
            "copied": .number(JSONNumber(counts.copied)), "annotated": .number(JSONNumber(counts.annotated)),
            "removed": .number(JSONNumber(counts.removed)), "kept": .number(JSONNumber(counts.kept)),
            "held": .number(JSONNumber(counts.held)), "vanished": .number(JSONNumber(counts.vanished)),
            "failed": .number(JSONNumber(counts.failed)),
        ]
    }

    static func sentence(_ report: MirrorReport, isDryRun: Bool) -> String {
        let counts = report.counts
        if isDryRun {
            return
                "Dry run: \(counted(counts.compared, "object")) compared, \(grouped(counts.planned)) would be copied, "
                + "\(ByteCount(counts.bytesPlanned)); nothing was done."
        }
        var parts = [
            "\(counted(counts.compared, "object")) compared", "\(grouped(counts.equal)) equal",
            "\(grouped(counts.copied)) copied (\(ByteCount(counts.bytesCopied)))",
        ]
        for (count, words) in [
            (counts.annotated, "with metadata renewed"), (counts.removed, "removed"),
            (counts.kept, "gone at the source and kept"), (counts.held, "gone at the source and HELD BACK"),
            (counts.vanished, "vanished meanwhile"), (counts.failed, "FAILED"),
        ] where count > 0 { parts.append("\(grouped(count)) \(words)") }
        return parts.joined(separator: ", ")
            + "; \(HumanTime.elapsed(report.elapsed)), \(ByteCount(speed(report)))/s."
    }

    static func failure(_ failure: MirrorFailure) -> String {
        let key = PlainText.printable(failure.key.text, keepingLines: false)
        return "failed (\(failure.doing.rawValue), \(failure.side.rawValue)): \(key): \(ErrorChain.line(failure.error))"
    }

    static func json(_ failure: MirrorFailure) -> JSONValue {
        [
            "status": "error", "key": .string(failure.key.text), "doing": .string(failure.doing.rawValue),
            "side": .string(failure.side.rawValue), "code": .string(failure.error.code.rawValue),
            "error": .string(ErrorChain.line(failure.error)),
        ]
    }

    static func holding(count: Int, known: Int) -> String {
        "\(counted(count, "object")) of \(grouped(known)) are gone at the source: more than is normal, so nothing is deleted. "
            + "If that is meant, say --allow-mass-delete"
    }

    private static func nanoseconds(_ span: Duration) -> Int64 {
        span.components.seconds * 1_000_000_000 + span.components.attoseconds / 1_000_000_000
    }

    /// Bytes a second.
    private static func speed(_ report: MirrorReport) -> Int64 {
        let milliseconds = max(1, nanoseconds(report.elapsed) / 1_000_000)
        return Int64(Double(report.counts.bytesCopied) * 1000 / Double(milliseconds))
    }
}
