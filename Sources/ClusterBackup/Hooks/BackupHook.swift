package import KubernetesModel
internal import VeleroAPI

/// A command that a pod, or the backup, wants to have run in a container before or after the pod's volumes are saved.
/// Source: reference section 7.1.
package struct BackupHook: Sendable, Hashable {
    /// What a failure means for the pod's volumes. The backup is partly failed either way.
    package enum OnError: String, Sendable {
        /// They are not saved.
        case stop = "Fail"
        /// They are saved all the same.
        case goOn = "Continue"
    }

    package static let defaultTimeout = Duration.seconds(30)

    /// Nil: the first container of the pod.
    package var container: String?
    /// The program and its arguments.
    package var command: [String]
    package var onError: OnError
    package var timeout: Duration
    /// Where it stands, for messages: `annotation`, `hook 'name' of the backup`.
    package var source: String

    package init(
        container: String? = nil, command: [String], onError: OnError = .stop, timeout: Duration = defaultTimeout,
        source: String = "annotation"
    ) {
        self.container = container
        self.command = command
        self.onError = onError
        self.timeout = timeout
        self.source = source
    }
}

/// The hooks of a Backup's `spec.hooks`, and the pods that they are for.
package struct BackupHooks: Sendable, Hashable {
    struct Rule: Sendable, Hashable {
        let selection: HookSelection
        let pre: [BackupHook]
        let post: [BackupHook]
    }

    private(set) var rules: [Rule] = []

    package init() {}

    /// - Throws: `ActionError` that names the hook and what is wrong with it.
    package init(_ json: JSONValue?) throws(ActionError) {
        for (index, resource) in (json?["resources"]?.array ?? []).enumerated() {
            let place = "hook '\(resource["name"]?.string ?? String(index + 1))' of the backup"
            var old = resource["hooks"]?.array ?? []
            old += resource["pre"]?.array ?? []  // `hooks` is the spelling before 1.0, and means the same.
            rules.append(
                Rule(
                    selection: try HookSelection(resource, at: place),
                    pre: try BackupHooks.hooks(old, place),
                    post: try BackupHooks.hooks(resource["post"]?.array ?? [], place)))
        }
    }

    package var isEmpty: Bool { rules.allSatisfy { $0.pre.isEmpty && $0.post.isEmpty } }

    private static func hooks(_ list: [JSONValue], _ place: String) throws(ActionError) -> [BackupHook] {
        var hooks: [BackupHook] = []
        for json in list {
            guard let exec = json["exec"], !exec.isNull else { throw ActionError("\(place): has no exec") }
            let words = exec["command"]?.array ?? []
            let command = words.compactMap(\.string)
            guard !command.isEmpty, command.count == words.count else { throw ActionError("\(place): has no command") }
            let mode = exec["onError"]?.string ?? ""
            guard mode.isEmpty || BackupHook.OnError(rawValue: mode) != nil else {
                throw ActionError("\(place): onError '\(mode)' is neither Continue nor Fail")
            }
            hooks.append(
                BackupHook(
                    container: exec["container"]?.string.flatMap { $0.isEmpty ? nil : $0 }, command: command,
                    onError: BackupHook.OnError(rawValue: mode) ?? .stop, timeout: try timeout(exec["timeout"], place),
                    source: place))
        }
        return hooks
    }

    private static func timeout(_ json: JSONValue?, _ place: String) throws(ActionError) -> Duration {
        guard let json, !json.isNull else { return BackupHook.defaultTimeout }
        guard let span = json.string.flatMap({ GoDuration.parse($0) }) ?? json.int64.map({ .nanoseconds($0) }) else {
            throw ActionError("\(place): its timeout is no duration")
        }
        return span > .zero ? span : BackupHook.defaultTimeout
    }
}
