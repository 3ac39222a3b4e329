package import Basics
package import KubernetesModel
internal import VeleroAPI

/// What must still be undone in a pod, as it is written down in the cluster before the first hook runs: a ConfigMap in the
/// pod's namespace, which goes with the pod and is left out of backups. Pure.
package struct HookNote: Sendable, Hashable {
    package static let label = "martlet/outstanding-hooks"
    /// On a pod: how long a file system of it may be frozen at most, as a duration.
    package static let longestFreezeAnnotation = "martlet/longest-freeze"

    /// A command that undoes something.
    package struct Duty: Sendable, Hashable {
        package var container: String
        package var command: [String]
        package var timeout: Duration

        package init(container: String, command: [String], timeout: Duration) {
            self.container = container
            self.command = command
            self.timeout = timeout
        }
    }

    package var namespace: String
    package var pod: String
    package var podUID: String
    package var node: String
    package var holder: String
    /// From then on it belongs to whoever finds it.
    package var expires: Timestamp
    package var duties: [Duty]

    package var name: String { "martlet-hooks-\(podUID)" }

    /// Whether `holder` may take it over at `now`: nobody else is at it any more.
    package func isDue(for holder: String, at now: Timestamp) -> Bool { self.holder == holder || expires <= now }

    var configMap: JSONValue {
        [
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": [
                "name": .string(name), "namespace": .string(namespace),
                "labels": [HookNote.label: "true", VeleroName.excludeFromBackup: "true"],
                "ownerReferences": [
                    ["apiVersion": "v1", "kind": "Pod", "name": .string(pod), "uid": .string(podUID)]
                ],
            ],
            "data": data,
        ]
    }

    /// Also what a renewal sends.
    var data: JSONValue {
        [
            "about": "Commands that undo what a backup began in this pod; Martlet runs them when the backup cannot.",
            "pod": .string(pod), "uid": .string(podUID), "node": .string(node), "holder": .string(holder),
            "expires": .string(expires.wholeSeconds.description),
            "duties": .string(
                String(
                    decoding: JSONValue.array(
                        duties.map { duty in
                            [
                                "container": .string(duty.container),
                                "command": .array(duty.command.map { .string($0) }),
                                "timeout": .string(GoDuration.text(duty.timeout)),
                            ]
                        }
                    ).serialized(), as: UTF8.self)),
        ]
    }

    package init(
        namespace: String, pod: String, podUID: String, node: String, holder: String, expires: Timestamp,
        duties: [Duty]
    ) {
        self.namespace = namespace
        self.pod = pod
        self.podUID = podUID
        self.node = node
        self.holder = holder
        self.expires = expires
        self.duties = duties
    }

    /// Nil if the ConfigMap holds no note that can be read: then nothing is run, and it is reported.
    package init?(_ object: APIObject) {
        func text(_ key: String) -> String? { object.json["data", key]?.string }
        guard let namespace = object.namespace, let pod = text("pod"), let uid = text("uid"),
            let expires = text("expires").flatMap({ Timestamp($0) }),
            let duties = text("duties").flatMap({ try? JSONValue(parsing: $0) })?.array
        else { return nil }
        self.init(
            namespace: namespace, pod: pod, podUID: uid, node: text("node") ?? "", holder: text("holder") ?? "",
            expires: expires, duties: duties.compactMap(HookNote.duty))
        guard self.duties.count == duties.count, object.name == name else { return nil }
    }

    private static func duty(_ json: JSONValue) -> Duty? {
        guard let container = json["container"]?.string, let words = json["command"]?.array, !words.isEmpty,
            words.allSatisfy({ $0.string != nil })
        else { return nil }
        return Duty(
            container: container, command: words.compactMap(\.string),
            timeout: json["timeout"]?.string.flatMap { GoDuration.parse($0) } ?? BackupHook.defaultTimeout)
    }

    /// The duties that `pod` itself, or a backup that the caller vouches for, asks for, and the others. Whoever may write
    /// ConfigMaps may write notes, but must not thereby run commands in pods.
    func vetted(by pod: APIObject, known: [BackupHooks]) -> (sound: [Duty], doubtful: [Duty]) {
        let wanted = ([BackupHooks()] + known).flatMap { HookNote.duties(of: PodHooks(of: pod, spec: $0)) }
        func isSound(_ duty: Duty) -> Bool {
            wanted.contains { $0.container == duty.container && $0.command == duty.command }
                || FreezeCommand.isPlainThaw(duty.command)
        }
        return (duties.filter(isSound), duties.filter { !isSound($0) })
    }

    /// What must be undone once the hooks of `pod` have begun: the hooks after the backup, and each freeze that none of
    /// them thaws.
    static func duties(of hooks: PodHooks) -> [Duty] {
        var duties = hooks.post.compactMap { hook in
            hooks.container(of: hook).map { Duty(container: $0, command: hook.command, timeout: hook.timeout) }
        }
        for hook in hooks.pre {
            guard case .freezes(let thaw) = FreezeCommand(hook.command), let container = hooks.container(of: hook),
                !duties.contains(where: { $0.container == container && $0.command == thaw })
            else { continue }
            duties.append(Duty(container: container, command: thaw, timeout: hook.timeout))
        }
        return duties
    }
}
