import Basics
import BucketMirror
import KubernetesModel
import ObjectStorage

/// What a comparison of two stores found, as `bucket diff` and `mirror verify` print it.
enum VerificationText {
    static func tell(_ report: VerificationReport, isJSON: Bool, on console: Console) -> ExitStatus {
        for difference in report.differences where mark(difference) != nil {
            if isJSON { console.jsonLine(json(difference)) } else { console.line(line(difference)) }
        }
        for failure in report.failures {
            console.note(
                "not compared: \(PlainText.printable(failure.key.text, keepingLines: false)): \(ErrorChain.line(failure.error))"
            )
        }
        let hidden = report.missing + report.different + report.extra + report.unproven - report.differences.count
        if hidden > 0 { console.note("... and \(counted(hidden, "more difference"))") }
        if isJSON { console.jsonLine(summary(report)) } else { console.note(sentence(report)) }
        return report.isEqual ? .done : .partlyFailed
    }

    private static func mark(_ difference: Difference) -> String? {
        switch difference {
        case .missing: "<"
        case .extra: ">"
        case .changed: "!"
        case .uncertain: "?"
        case .equal: nil
        }
    }

    private static func line(_ difference: Difference) -> String {
        var line = "\(mark(difference) ?? " ") \(PlainText.printable(difference.key.text, keepingLines: false))"
        if case .changed(let source, let target, let reason) = difference {
            line += reason == .size ? " (\(source.size) bytes, \(target.size) bytes)" : " (\(reason.rawValue))"
        }
        return line
    }

    private static func json(_ difference: Difference) -> JSONValue {
        var json: JSONValue = ["status": "success", "key": .string(difference.key.text)]
        switch difference {
        case .missing(let info):
            json["diff"] = "only-in-first"
            json["size"] = .number(JSONNumber(info.size))
        case .extra(let info):
            json["diff"] = "only-in-second"
            json["size"] = .number(JSONNumber(info.size))
        case .changed(let source, let target, let reason):
            json["diff"] = .string(reason.rawValue)
            json["size"] = .number(JSONNumber(source.size))
            json["otherSize"] = .number(JSONNumber(target.size))
        case .uncertain(let source, _):
            json["diff"] = "unproven"
            json["size"] = .number(JSONNumber(source.size))
        case .equal: json["diff"] = "none"
        }
        return json
    }

    private static func summary(_ report: VerificationReport) -> JSONValue {
        [
            "status": report.isEqual ? "success" : "error", "type": "summary",
            "keys": .number(JSONNumber(report.keys)), "equal": .number(JSONNumber(report.equal)),
            "missing": .number(JSONNumber(report.missing)), "different": .number(JSONNumber(report.different)),
            "extra": .number(JSONNumber(report.extra)), "unproven": .number(JSONNumber(report.unproven)),
            "contentsRead": .number(JSONNumber(report.contentsRead)),
            "bytesRead": .number(JSONNumber(report.bytesRead)),
            "failed": .number(JSONNumber(report.failures.count)),
        ]
    }

    private static func sentence(_ report: VerificationReport) -> String {
        var parts = ["\(counted(report.keys, "key")) compared: \(grouped(report.equal)) equal"]
        for (count, words) in [
            (report.missing, "only in the first"), (report.extra, "only in the second"),
            (report.different, "different"),
            (report.unproven, "of equal size and unproven"), (report.failures.count, "not compared"),
        ] where count > 0 { parts.append("\(grouped(count)) \(words)") }
        var sentence = parts.joined(separator: ", ")
        if report.contentsRead > 0 {
            sentence += "; \(counted(report.contentsRead, "object")) read on both sides, \(ByteCount(report.bytesRead))"
        }
        if report.unproven > 0 { sentence += ". Say --content to read and compare those" }
        return sentence + "."
    }
}
