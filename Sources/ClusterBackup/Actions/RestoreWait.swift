package import KubernetesModel

/// The container that holds a restored pod back until its volumes are filled. It needs no rights in the cluster: it looks for a
/// file in each volume. Reference: section 8.5.
package struct RestoreWaiter: Sendable, Hashable {
    package var image: String
    /// Of the program in the image; empty for the image's own entry point.
    package var command: [String]
    /// Before the uid of the restore.
    package var arguments: [String] = []
    /// Kubernetes quantities; requests and limits are the same unless a ConfigMap says otherwise.
    package var requests = ["cpu": "100m", "memory": "128Mi"]
    package var limits = ["cpu": "100m", "memory": "128Mi"]
    /// Nil: that of the pod's first container, which may read and write the volumes.
    package var securityContext: JSONValue?
    /// What the container waits for in each volume: the file `.velero/UID`.
    package var restoreUID: String

    package static let name = "restore-wait"

    /// - Parameter image: has the program `martlet`, unless `command` says what it has.
    package init(
        image: String, command: [String] = ["martlet"], arguments: [String] = ["restore-helper"], restoreUID: String
    ) {
        self.image = image
        self.command = command
        self.arguments = arguments
        self.restoreUID = restoreUID
    }

    /// Takes over what the ConfigMap of an installation says.
    ///
    /// - Throws: for a security context that cannot be read.
    package mutating func configure(_ data: [String: String]) throws(ActionError) {
        func text(_ key: String) -> String? { data[key].flatMap { $0.isEmpty ? nil : $0 } }
        if let given = text("image") { image = given }
        if let given = text("command") {
            command = given.split(separator: " ").map(String.init)
            arguments = []
        }
        for (key, member) in [("cpu", "cpu"), ("mem", "memory")] {
            if let request = text(key + "Request") { requests[member] = request }
            if let limit = text(key + "Limit") { limits[member] = limit }
        }
        if let given = try RestoreWaiter.securityContext(text) { securityContext = given }
    }

    private static func securityContext(_ text: (String) -> String?) throws(ActionError) -> JSONValue? {
        if let yaml = text("secCtx") { return try YAMLDocument.json(yaml) }
        var context: [String: JSONValue] = [:]
        for (key, member) in [("secCtxRunAsUser", "runAsUser"), ("secCtxRunAsGroup", "runAsGroup")] {
            guard let value = text(key) else { continue }
            guard let number = Int64(value) else { throw ActionError("\(key) of the restore helper is no number") }
            context[member] = .number(JSONNumber(number))
        }
        if let value = text("secCtxAllowPrivilegeEscalation") {
            context["allowPrivilegeEscalation"] = .bool(value == "true")
        }
        return context.isEmpty ? nil : .object(context)
    }

    /// What Kubernetes asks of pods in restricted namespaces.
    private static let restricted: JSONValue = [
        "runAsUser": 1000, "runAsNonRoot": true, "allowPrivilegeEscalation": false,
        "capabilities": ["drop": ["ALL"]], "seccompProfile": ["type": "RuntimeDefault"],
    ]

    /// The container for these volumes of `pod`.
    func container(for volumes: [String], in pod: APIObject) -> JSONValue {
        let first = pod.json["spec", "containers"]?.array?.first
        let context = securityContext ?? first?["securityContext"] ?? RestoreWaiter.restricted
        var container: JSONValue = [
            "name": .string(RestoreWaiter.name), "image": .string(image),
            "args": .array((arguments + [restoreUID]).map { .string($0) }),
            "env": [
                RestoreWaiter.variable("POD_NAMESPACE", "metadata.namespace"),
                RestoreWaiter.variable("POD_NAME", "metadata.name"),
            ],
            "resources": [
                "requests": .object(requests.mapValues { .string($0) }),
                "limits": .object(limits.mapValues { .string($0) }),
            ],
            "volumeMounts": .array(
                volumes.map { ["name": .string($0), "mountPath": .string("/restores/\($0)")] }),
            "securityContext": context,
        ]
        if !command.isEmpty { container["command"] = .array(command.map { .string($0) }) }
        return container
    }

    private static func variable(_ name: String, _ path: String) -> JSONValue {
        ["name": .string(name), "valueFrom": ["fieldRef": ["fieldPath": .string(path)]]]
    }
}

/// Puts the waiting container before all others of a pod that has saved volumes; one of a former restore goes, it would wait
/// for ever.
enum RestoreWait {
    static let action = ItemAction(name: "velero.io/pod-volume-restore", resources: [Restored.pods]) {
        draft, settings in
        guard let waiter = settings.waiter else { return }
        let own = draft.object.json["spec", "initContainers"]?.array ?? []
        let others = own.filter { !InitContainerHooks.waiters.contains($0["name"]?.string ?? "") }
        let volumes = settings.savedVolumes.restorable(of: draft.stored).filter(\.data.isRestic).map(\.name)
        let added = volumes.isEmpty ? [] : [waiter.container(for: volumes, in: draft.object)]
        let all = added + others
        guard all.count != own.count || !added.isEmpty else { return }
        draft.object.json["spec", "initContainers"] = all.isEmpty ? nil : .array(all)
    }
}
