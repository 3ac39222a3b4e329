package import KubernetesModel

/// What the way back of a pod asks for beside the pod itself. This version reports it, so that nobody takes a pod for
/// whole that is not. Reference: sections 7.2 and 8.4.
package struct PodDuties: Sendable, Hashable {
    /// Volumes whose saved data was not put back.
    package var volumes: [String] = []
    /// Containers in which a hook was to run.
    package var execHooks: [String] = []

    package init() {}

    /// - Parameters:
    ///   - stored: the pod as backed up.
    ///   - restoresVolumes: false if the restore leaves out volumes or claims; then no data is expected.
    package init(
        of stored: APIObject, records: VolumeRecords, restoresVolumes: Bool, specHooks: [ExecHook],
        in namespace: String?
    ) {
        if restoresVolumes { volumes = PodDuties.savedVolumes(of: stored, records) }
        let annotations = stored.annotations
        let prefix = "post.hook.restore.velero.io/"
        if annotations[prefix + "command"]?.isEmpty == false {
            execHooks = [annotations[prefix + "container"] ?? PodDuties.firstContainer(of: stored)]
        } else {
            execHooks = specHooks.filter { $0.selection.matches(stored, in: namespace) }
                .map { $0.container ?? PodDuties.firstContainer(of: stored) }
        }
    }

    private static func firstContainer(of pod: APIObject) -> String {
        pod.json["spec", "containers"]?.array?.first?["name"]?.string ?? ""
    }

    private static func savedVolumes(of pod: APIObject, _ records: VolumeRecords) -> [String] {
        let present = Dictionary(
            (pod.json["spec", "volumes"]?.array ?? []).compactMap { volume in
                volume["name"]?.string.map { ($0, volume) }
            },
            uniquingKeysWith: { $1 })
        var saved: [String] = []
        let name = NamespacedName(namespace: pod.namespace ?? "", name: pod.name)
        saved += (records.podVolumes[name] ?? []).map(\.volume)
        // Velero 1.1 and older noted the snapshot on the pod itself.
        let prefix = "snapshot.velero.io/"
        for (key, value) in pod.annotations where key.hasPrefix(prefix) && !value.isEmpty {
            saved.append(String(key.dropFirst(prefix.count)))
        }
        return Set(saved).sorted().filter { volume in
            guard let source = present[volume] else { return false }
            return source["projected"] == nil && source["downwardAPI"] == nil
        }
    }
}

/// A command that the spec of a restore wants to have run in restored pods.
package struct ExecHook: Sendable, Hashable {
    package var selection: HookSelection
    /// Nil for the first container of the pod.
    package var container: String?

    /// Reads `spec.hooks` of a Restore.
    package static func all(in json: JSONValue?) throws(ActionError) -> [ExecHook] {
        var hooks: [ExecHook] = []
        for (index, resource) in (json?["resources"]?.array ?? []).enumerated() {
            let place = "hook '\(resource["name"]?.string ?? String(index + 1))'"
            for hook in resource["postHooks"]?.array ?? [] {
                guard let exec = hook["exec"], !exec.isNull else { continue }
                hooks.append(
                    ExecHook(
                        selection: try HookSelection(resource, at: place),
                        container: exec["container"]?.string.flatMap { $0.isEmpty ? nil : $0 }))
            }
        }
        return hooks
    }
}

extension PodDuties {
    /// What is left to do by hand, as errors: a pod without its data is not restored.
    func messages(of pod: ObjectReference) -> [String] {
        volumes.map {
            "volume \($0) of pod \(pod.namespace ?? "")/\(pod.name) was not restored: this version restores objects "
                + "only; the data is in the backup's restic repository, put it back with restic or by hand"
        }
            + execHooks.map {
                "the restore hook of pod \(pod.namespace ?? "")/\(pod.name) was not run in container \($0): this "
                    + "version restores objects only; run its command by hand"
            }
    }
}
