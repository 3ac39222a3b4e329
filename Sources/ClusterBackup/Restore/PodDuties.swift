package import KubernetesModel

/// What the way back of a pod asks for beside the pod itself. What nobody does is reported, so that nobody takes a pod for
/// whole that is not. Reference: sections 7.2 and 8.4.
package struct PodDuties: Sendable, Hashable {
    /// Volumes whose saved data is to be put back.
    package var volumes: [VolumeRecords.RestorableVolume] = []
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
        if restoresVolumes { volumes = records.restorable(of: stored) }
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
    ///
    /// - Parameter fillsVolumes: whether somebody will fill the volumes.
    func messages(of pod: ObjectReference, fillsVolumes: Bool) -> [String] {
        let place = "\(pod.namespace ?? "")/\(pod.name)"
        let volumes = volumes.compactMap { volume -> String? in
            if !volume.data.isRestic {
                return "volume \(volume.name) of pod \(place) was not restored: its data was saved by "
                    + "\(volume.data.uploaderType), which this version cannot read"
            }
            guard !fillsVolumes else { return nil }
            return
                "volume \(volume.name) of pod \(place) was not restored: this run restores objects only; the data is "
                + "snapshot \(volume.data.snapshotID) in the backup's restic repository"
        }
        return volumes
            + execHooks.map {
                "the restore hook of pod \(place) was not run in container \($0): this version restores objects only; "
                    + "run its command by hand"
            }
    }
}
