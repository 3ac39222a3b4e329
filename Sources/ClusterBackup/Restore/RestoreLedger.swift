import Basics
import KubernetesModel
import NIOCore
import VeleroAPI

/// Keeps the books of a restore: counts, messages, the list of resources, the log. The one task that drives the restore
/// owns it.
struct RestoreLedger {
    private(set) var counts = RestoreCounts()
    private(set) var results = BackupResults()
    private(set) var resources: [String: [String]] = [:]
    private let deflater = GzipDeflater()
    private var log = ByteBuffer()
    private let clock: WallClock
    /// Further messages are counted and not kept: nobody reads them, and memory has an end.
    static let maximumMessages = 50_000
    private var kept = 0
    private var dropped = 0

    init(clock: WallClock) { self.clock = clock }

    enum Level: String { case info, warning, error }

    /// One line of the log, in the text form that Velero's has.
    mutating func note(_ level: Level, _ message: String) {
        let quoted = String(decoding: JSONValue.string(message).serialized(), as: UTF8.self)
        let line = "time=\"\(clock.now().wholeSeconds)\" level=\(level.rawValue) msg=\(quoted)\n"
        deflater.append(Array(line.utf8), to: &log)
    }

    /// About the restore as a whole.
    mutating func warn(_ message: String) {
        note(.warning, message)
        if hasRoom() { results.warnings.velero.append(message) }
    }

    mutating func fail(_ message: String) {
        note(.error, message)
        if hasRoom() { results.errors.velero.append(message) }
    }

    mutating func record(_ result: ItemResult) {
        let target = result.step.target
        counts.count(result.step.verb)
        note(result.step.verb == .fail ? .error : .info, result.step.description)
        for message in result.warnings {
            note(.warning, message)
            if hasRoom() { results.warnings.add(message, in: target.namespace) }
        }
        for message in result.errors {
            note(.error, message)
            if hasRoom() { results.errors.add(message, in: target.namespace) }
        }
        guard let key = result.resourceKey, let outcome = RestoreLedger.outcome(result.step.verb) else { return }
        let name = target.namespace.map { "\($0)/\(target.name)" } ?? target.name
        resources[key, default: []].append("\(name)(\(outcome))")
    }

    /// A volume that was filled, or not.
    mutating func record(_ volume: PodVolumeRestore) {
        let name = "volume \(volume.spec.volume) of pod \(volume.spec.podNamespace)/\(volume.spec.podName)"
        guard volume.phase != .completed else {
            note(.info, "filled \(name) with \(ByteCount(volume.status.totalBytes ?? 0))")
            return
        }
        let reason = volume.status.message ?? "its restore ended as \(volume.phase.rawValue)"
        let message = "\(name) was not restored: \(reason)"
        note(.error, message)
        if hasRoom() { results.errors.add(message, in: volume.spec.podNamespace) }
    }

    private static func outcome(_ verb: RestoreStep.Verb) -> String? {
        switch verb {
        case .create: "created"
        case .update: "updated"
        case .leave, .keep: "skipped"
        case .fail: "failed"
        case .skip: nil
        }
    }

    private mutating func hasRoom() -> Bool {
        if kept < RestoreLedger.maximumMessages {
            kept += 1
            return true
        }
        dropped += 1
        return false
    }

    /// The end of the log; the ledger is used up.
    mutating func close() -> ByteBuffer {
        if dropped > 0 { note(.warning, "\(dropped) further messages are in this log alone") }
        deflater.finish(to: &log)
        return log
    }
}

extension ResultMessages {
    fileprivate mutating func add(_ message: String, in namespace: String?) {
        if let namespace { namespaces[namespace, default: []].append(message) } else { cluster.append(message) }
    }
}

/// What one object came to.
struct ItemResult: Sendable {
    var step: RestoreStep
    /// `apps/v1/Deployment`; nil for objects that were not sent.
    var resourceKey: String?
    var warnings: [String] = []
    var errors: [String] = []
    /// Of a pod: volumes to be filled.
    var volumes: [PodVolumeRestore] = []
    /// The reason to end the whole restore.
    var stop: RestoreOutcome.Stop?
}
