package import KubernetesModel
internal import VeleroAPI

/// The hooks of one pod, and what is wrong with those that cannot be run. Pure.
package struct PodHooks: Sendable, Hashable {
    package var pre: [BackupHook] = []
    package var post: [BackupHook] = []
    /// One line each, for people: what was read otherwise than it is written.
    package var warnings: [String] = []
    package let containers: [String]

    package var isEmpty: Bool { pre.isEmpty && post.isEmpty }

    /// Annotations on the pod replace the backup's own hooks, each phase by itself. Pods that have ended have none.
    package init(of pod: APIObject, spec: BackupHooks = BackupHooks()) {
        containers = (pod.json["spec", "containers"]?.array ?? []).compactMap { $0["name"]?.string }
        let phase = pod.json["status", "phase"]?.string
        guard phase != "Succeeded", phase != "Failed" else { return }
        let rules = spec.rules.filter { $0.selection.matches(pod, in: pod.namespace) }
        let before = [VeleroName.preBackupHookPrefix, VeleroName.legacyBackupHookPrefix]
        pre = annotated(pod.annotations, before) ?? rules.flatMap(\.pre)
        post = annotated(pod.annotations, [VeleroName.postBackupHookPrefix]) ?? rules.flatMap(\.post)
    }

    /// Nil if the pod says nothing about this phase.
    private mutating func annotated(_ annotations: [String: String], _ prefixes: [String]) -> [BackupHook]? {
        func value(_ key: String) -> String? {
            prefixes.lazy.compactMap { annotations[$0 + key] }.first { !$0.isEmpty }
        }
        guard let text = value("command") else { return nil }
        let name = prefixes[0] + "command"
        // Velero stops a pod's backup only where the annotation says so: a copy that is not quiesced is better than none.
        var hook = BackupHook(container: value("container"), command: [text], onError: .goOn)
        if text.hasPrefix("[") {
            guard let words = (try? JSONValue(parsing: text))?.array, !words.isEmpty,
                words.allSatisfy({ $0.string != nil })
            else {
                warnings.append("the annotation \(name) starts with [ and is no JSON list of texts; it was not run")
                return []
            }
            hook.command = words.compactMap(\.string)
        }
        if let mode = value("on-error") {
            if let known = BackupHook.OnError(rawValue: mode) {
                hook.onError = known
            } else {
                warnings.append("the annotation \(prefixes[0])on-error is neither Continue nor Fail; read as Continue")
            }
        }
        if let timeout = value("timeout") {
            if let span = GoDuration.parse(timeout), span > .zero {
                hook.timeout = span
            } else {
                warnings.append("the annotation \(prefixes[0])timeout is no duration such as 30s; 30s were allowed")
            }
        }
        return [hook]
    }

    /// Where a hook runs; nil if the pod has no such container.
    package func container(of hook: BackupHook) -> String? {
        guard let wanted = hook.container else { return containers.first }
        return containers.contains(wanted) ? wanted : nil
    }
}
