internal import Basics
internal import KubernetesModel
internal import NIOCore
internal import Synchronization
internal import VeleroAPI

/// Collects what a run has to say: the log as Velero writes it (logrus text, gzip), the results, the counts.
///
/// Memory: the packed log, and at most `maximumMessages` messages; further ones are counted and in the log alone.
final class RunLog: Sendable {
    enum Level: String, Sendable { case info, warning, error }

    /// Of each level. A results file for people ends before this; the counts stay exact.
    static let maximumMessages = 5_000

    private struct State {
        var results = BackupResults()
        var warnings = 0
        var errors = 0
        /// Only touched under the lock.
        var deflater = GzipDeflater()
        var packed = ByteBuffer()
    }

    // The state holds a class that is not Sendable; the lock is its only door.
    private let state: Mutex<State>
    private let clock: WallClock
    private let subject: String

    /// - Parameter subject: ends every line: `backup=velero/NAME`.
    init(clock: WallClock, subject: String) {
        self.clock = clock
        self.subject = subject
        state = Mutex(State())
    }

    var warningCount: Int { state.withLock { $0.warnings } }
    var errorCount: Int { state.withLock { $0.errors } }
    var results: BackupResults { state.withLock { $0.results } }

    func info(_ message: String, _ fields: [(String, String)] = []) {
        write(.info, message, fields)
    }

    /// About the run as a whole.
    func report(_ level: Level, _ message: String) {
        write(level, message, [])
        add(level, message) { $0.velero.append($1) }
    }

    /// About one object, or one kind (with an empty name).
    func report(_ level: Level, _ message: String, about reference: ObjectReference) {
        var fields = [("resource", reference.resource.description)]
        if let namespace = reference.namespace { fields.append(("namespace", namespace)) }
        if !reference.name.isEmpty { fields.append(("name", reference.name)) }
        write(level, message, fields)
        let name = reference.name.isEmpty ? "" : " name: /\(reference.name)"
        let text = "resource: /\(reference.resource)\(name) message: /\(message)"
        add(level, text) { messages, text in
            if let namespace = reference.namespace {
                messages.namespaces[namespace, default: []].append(text)
            } else {
                messages.cluster.append(text)
            }
        }
    }

    private func add(_ level: Level, _ text: String, _ append: (inout ResultMessages, String) -> Void) {
        state.withLock { state in
            switch level {
            case .info: break
            case .warning:
                state.warnings += 1
                if state.warnings <= RunLog.maximumMessages { append(&state.results.warnings, text) }
                if state.warnings == RunLog.maximumMessages { state.results.warnings.velero.append(RunLog.cut) }
            case .error:
                state.errors += 1
                if state.errors <= RunLog.maximumMessages { append(&state.results.errors, text) }
                if state.errors == RunLog.maximumMessages { state.results.errors.velero.append(RunLog.cut) }
            }
        }
    }

    private static let cut = "there are more messages than these; the log has all of them"

    private func write(_ level: Level, _ message: String, _ fields: [(String, String)]) {
        var line = "time=\"\(clock.now().wholeSeconds)\" level=\(level.rawValue) msg=\(RunLog.quoted(message))"
        line += " backup=\(subject)"
        for (key, value) in fields.sorted(by: { $0.0 < $1.0 }) { line += " \(key)=\(RunLog.value(value))" }
        line += "\n"
        let bytes = Array(line.utf8)
        state.withLock { state in
            var packed = state.packed
            state.packed = ByteBuffer()  // Keeps the buffer uniquely referenced while it grows.
            state.deflater.append(bytes, to: &packed)
            state.packed = packed
        }
    }

    /// As logrus does: in quotes unless every character is plain.
    private static func value(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-._/@^+".utf8.contains(byte)
            }
        }
        return isPlain && !text.isEmpty ? text : quoted(text)
    }

    private static func quoted(_ text: String) -> String {
        String(decoding: JSONValue.string(text).serialized(), as: UTF8.self)
    }

    /// The whole log, packed. Nothing may be logged afterwards.
    func finish() -> ByteBuffer {
        state.withLock { state in
            var packed = state.packed
            state.deflater.finish(to: &packed)
            state.packed = ByteBuffer()
            state.deflater = GzipDeflater()
            return packed
        }
    }
}
