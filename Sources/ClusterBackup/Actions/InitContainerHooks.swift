package import KubernetesModel

/// Adds the containers that a pod wants to run before its own once it comes back. Reference: section 7.2.
///
/// Annotations on the pod win over the hooks of the restore's spec.
package struct InitContainerHooks: Sendable, Hashable {
    package struct Hook: Sendable, Hashable {
        package var selection: HookSelection
        /// Each a container with at least `name`, `image` and `command`.
        package var containers: [JSONValue]
    }

    package var hooks: [Hook] = []

    package init() {}

    /// Reads `spec.hooks` of a Restore.
    package init(_ json: JSONValue?) throws(ActionError) {
        for (index, resource) in (json?["resources"]?.array ?? []).enumerated() {
            let place = "hook '\(resource["name"]?.string ?? String(index + 1))'"
            var containers: [JSONValue] = []
            for hook in resource["postHooks"]?.array ?? [] {
                for container in hook["init", "initContainers"]?.array ?? [] {
                    for field in ["name", "image"] where container[field]?.string?.isEmpty ?? true {
                        throw ActionError("\(place): an init container has no \(field)")
                    }
                    guard container["command"]?.array?.isEmpty == false else {
                        throw ActionError("\(place): an init container has no command")
                    }
                    containers.append(container)
                }
            }
            if !containers.isEmpty {
                hooks.append(Hook(selection: try HookSelection(resource, at: place), containers: containers))
            }
        }
    }

    static let prefix = "init.hook.restore.velero.io/"
    /// The containers that hold a pod back until its volumes are filled; they stay first.
    static let waiters: Set<String> = ["restore-wait", "restic-wait"]

    static let action = ItemAction(
        name: "velero.io/init-restore-hook", resources: [Restored.pods]
    ) { draft, settings throws(ActionError) in
        let target = draft.stored.namespace.map(settings.target(of:))
        let added = try settings.initHooks.containers(for: draft.stored, in: target)
        guard !added.isEmpty else { return }
        let own = draft.object.json["spec", "initContainers"]?.array ?? []
        let names = Set(added.compactMap { $0["name"]?.string })
        let waiting = own.filter { waiters.contains($0["name"]?.string ?? "") }
        let others = own.filter {
            let name = $0["name"]?.string ?? ""
            return !waiters.contains(name) && !names.contains(name)
        }
        draft.object.json["spec", "initContainers"] = .array(waiting + added + others)
    }

    private func containers(for pod: APIObject, in namespace: String?) throws(ActionError) -> [JSONValue] {
        let annotations = pod.annotations
        if let image = annotations[InitContainerHooks.prefix + "container-image"], !image.isEmpty {
            let name =
                annotations[InitContainerHooks.prefix + "container-name"]
                ?? "velero-restore-init-\(InitContainerHooks.suffix(of: pod))"
            var container: JSONValue = ["name": .string(name), "image": .string(image)]
            if let command = annotations[InitContainerHooks.prefix + "command"], !command.isEmpty {
                container["command"] = try HookCommand.arguments(command)
            }
            return [container]
        }
        return hooks.filter { $0.selection.matches(pod, in: namespace) }.flatMap(\.containers)
    }

    /// Eight hexadecimal digits. Velero draws them at random; ours follow from the pod, so that a plan shows the name
    /// that the restore will use. (FNV-1a of the uid.)
    private static func suffix(of pod: APIObject) -> String {
        var hash: UInt32 = 0x811C_9DC5
        for byte in (pod.uid ?? pod.name).utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}

/// The command of a hook annotation: a JSON list of texts if it starts with `[`, else one word, without a shell.
enum HookCommand {
    static func arguments(_ text: String) throws(ActionError) -> JSONValue {
        guard text.hasPrefix("[") else { return .array([.string(text)]) }
        guard let list = (try? JSONValue(parsing: text))?.array, !list.isEmpty, list.allSatisfy({ $0.string != nil })
        else { throw ActionError("a hook's command starts with [ and is no JSON list of texts") }
        return .array(list)
    }
}

/// Which pods a hook of the restore's spec is for; namespaces are those restored into.
package struct HookSelection: Sendable, Hashable {
    package var includedNamespaces: Set<String> = []
    package var excludedNamespaces: Set<String> = []
    package var includedResources: Set<String> = []
    package var excludedResources: Set<String> = []
    package var labelSelector: LabelSelector?

    package init() {}

    init(_ json: JSONValue, at place: String) throws(ActionError) {
        func texts(_ field: String) -> Set<String> { Set((json[field]?.array ?? []).compactMap(\.string)) }
        includedNamespaces = texts("includedNamespaces")
        excludedNamespaces = texts("excludedNamespaces")
        includedResources = texts("includedResources")
        excludedResources = texts("excludedResources")
        if let selector = json["labelSelector"], !selector.isNull {
            do {
                labelSelector = try LabelSelector(selector)
            } catch {
                throw ActionError("\(place): \(error)")
            }
        }
    }

    func matches(_ pod: APIObject, in namespace: String?) -> Bool {
        HookSelection.passes(namespace ?? "", includedNamespaces, excludedNamespaces)
            && HookSelection.passesPods(includedResources, excludedResources)
            && labelSelector?.matches(pod.labels) ?? true
    }

    private static func passes(_ name: String, _ included: Set<String>, _ excluded: Set<String>) -> Bool {
        if excluded.contains(name) || excluded.contains("*") { return false }
        return included.isEmpty || included.contains("*") || included.contains(name)
    }

    /// Hooks run in pods alone; lists of resources may spell the kind in any way.
    private static func passesPods(_ included: Set<String>, _ excluded: Set<String>) -> Bool {
        let spellings: Set<String> = ["pods", "pod", "po", "*"]
        func names(_ list: Set<String>) -> Bool { list.contains { spellings.contains($0.lowercased()) } }
        if names(excluded) { return false }
        return included.isEmpty || names(included)
    }
}
