package import Basics
package import BucketMirror
package import KubernetesModel

/// How the pairs stand, for Prometheus and for people. Pure.
/// Source: Prometheus, "Exposition formats", text format 0.0.4.
package enum MetricsText {
    /// One metric: name, what it says, its kind, and its value for each pair with further labels.
    private struct Metric {
        let name: String
        let help: String
        let kind: String
        let values: (MirrorMetrics) -> [(labels: [(String, String)], value: Double)]
    }

    package static func text(_ pairs: [MirrorMetrics], now: Timestamp) -> String {
        var text = ""
        for metric in gauges(now) + counters {
            let name = "martlet_mirror_\(metric.name)"
            let lines = pairs.flatMap { pair in
                metric.values(pair).map { line(name, [("pair", pair.pair)] + $0.labels, $0.value) }
            }
            guard !lines.isEmpty else { continue }
            text += "# HELP \(name) \(metric.help)\n# TYPE \(name) \(metric.kind)\n" + lines.joined()
        }
        return text
    }

    private static func gauges(_ now: Timestamp) -> [Metric] {
        [
            gauge("lag_seconds", "Since the oldest known change that is not copied yet.") { seconds($0.lag) },
            gauge("lag_objects", "Changes that are known and not copied yet.") { Double($0.lagObjects) },
            gauge("lag_bytes", "Bytes of changes that are known and not copied yet.") { Double($0.lagBytes) },
            gauge("replicated_through_seconds", "Everything written before this instant is in the backup (Unix time).")
            {
                $0.replicatedThrough.map(unix)
            },
            gauge("replication_age_seconds", "How far in the past that instant is.") {
                $0.replicatedThrough.map { seconds(now - $0) }
            },
            gauge("scan_age_seconds", "Since the last complete scan of the source began.") {
                $0.lastScan.map { seconds(now - $0) }
            },
            gauge("quarantined_objects", "Objects that failed again and again and are tried rarely.") {
                Double($0.quarantined)
            },
            gauge("held_deletes", "Deletes that are more than normal and wait for somebody.") {
                Double($0.deletesHeld)
            },
            gauge("healthy", "1 if nobody needs to look, else 0.") { $0.isHealthy ? 1 : 0 },
            Metric(name: "state", help: "1 for the state that the pair is in.", kind: "gauge") { pair in
                MirrorMetrics.State.allCases.map { ([("state", $0.rawValue)], $0 == pair.state ? 1 : 0) }
            },
            Metric(name: "event_stream_up", help: "1 while the event source is connected.", kind: "gauge") { pair in
                pair.streamsUp.sorted { $0.key < $1.key }.map { ([("source", $0.key)], $0.value ? 1 : 0) }
            },
        ]
    }

    private static var counters: [Metric] {
        [
            counter("copied_objects_total", "Objects that were copied.") { Double($0.counts.copied) },
            counter("copied_bytes_total", "Bytes of objects that were copied.") { Double($0.counts.bytesCopied) },
            counter("removed_objects_total", "Objects that were deleted at the target.") { Double($0.counts.removed) },
            counter("failed_objects_total", "Copies and deletes that failed.") { Double($0.counts.failed) },
            counter("restarted_copies_total", "Copies begun again because the object changed meanwhile.") {
                Double($0.counts.restarted)
            },
            counter("scans_total", "Complete scans.") { Double($0.scans) },
            counter("missed_events_total", "Changes that a scan found and no event had announced.") {
                Double($0.missedEvents)
            },
            counter("watchdog_restarts_total", "Stages that hung and were started again.") {
                Double($0.watchdogRestarts)
            },
            Metric(
                name: "gaps_total", help: "Times that the event stream could not be trusted, by cause.", kind: "counter"
            ) {
                pair in MirrorGap.allCases.map { ([("cause", $0.rawValue)], Double(pair.gaps[$0] ?? 0)) }
            },
            Metric(name: "errors_total", help: "Failures by code and side.", kind: "counter") { pair in
                pair.errors.sorted { $0.key < $1.key }.map { key, count in
                    let parts = key.split(separator: "/", maxSplits: 1).map(String.init)
                    return ([("code", parts[0]), ("side", parts.count > 1 ? parts[1] : "")], Double(count))
                }
            },
        ]
    }

    private static func gauge(_ name: String, _ help: String, _ value: @escaping (MirrorMetrics) -> Double?) -> Metric {
        Metric(name: name, help: help, kind: "gauge") { value($0).map { [([], $0)] } ?? [] }
    }

    private static func counter(_ name: String, _ help: String, _ value: @escaping (MirrorMetrics) -> Double) -> Metric
    {
        Metric(name: name, help: help, kind: "counter") { [([], value($0))] }
    }

    private static func line(_ name: String, _ labels: [(String, String)], _ value: Double) -> String {
        let shown = labels.map { "\($0.0)=\"\(escaped($0.1))\"" }.joined(separator: ",")
        let whole = value == value.rounded() && abs(value) < 1e15
        return "\(name){\(shown)} \(whole ? String(Int64(value)) : String(value))\n"
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }

    private static func seconds(_ span: Duration) -> Double {
        let parts = span.components
        return Double(parts.seconds) + Double(parts.attoseconds / 1_000_000_000_000_000) / 1000
    }

    private static func unix(_ instant: Timestamp) -> Double {
        Double(instant.seconds) + Double(instant.nanoseconds / 1_000_000) / 1000
    }

    package static func json(_ pairs: [MirrorMetrics], now: Timestamp) -> JSONValue {
        [
            "time": .string(now.description), "healthy": .bool(pairs.allSatisfy(\.isHealthy)),
            "pairs": .array(pairs.map(json)),
        ]
    }

    private static func json(_ pair: MirrorMetrics) -> JSONValue {
        var json: JSONValue = [
            "pair": .string(pair.pair), "state": .string(pair.state.rawValue), "healthy": .bool(pair.isHealthy),
            "lagSeconds": .number(JSONNumber(pair.lag.components.seconds)),
            "lagObjects": .number(JSONNumber(pair.lagObjects)), "lagBytes": .number(JSONNumber(pair.lagBytes)),
            "missedEvents": .number(JSONNumber(pair.missedEvents)), "scans": .number(JSONNumber(pair.scans)),
            "copied": .number(JSONNumber(pair.counts.copied)), "failed": .number(JSONNumber(pair.counts.failed)),
            "quarantined": .number(JSONNumber(pair.quarantined)), "deletesHeld": .number(JSONNumber(pair.deletesHeld)),
        ]
        json["pausedBecause"] = pair.pausedBecause.map { .string($0) }
        json["replicatedThrough"] = pair.replicatedThrough.map { .string($0.description) }
        json["lastScan"] = pair.lastScan.map { .string($0.description) }
        return json
    }
}
