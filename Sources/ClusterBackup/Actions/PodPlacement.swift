import KubernetesModel

/// Frees a pod from what the lost cluster's scheduler and admission put into it: node, priority number, and the volume
/// with the token of its service account.
enum PodPlacement {
    static let action = ItemAction(name: "velero.io/pod", resources: [Restored.pods]) { draft, _ in
        draft.object.json["spec", "nodeName"] = nil
        draft.object.json["spec", "priority"] = nil
        if let name = draft.object.json["spec", "priorityClassName"]?.string, !name.isEmpty {
            draft.additionalItems.append(
                ObjectReference(resource: Restored.priorityClasses, namespace: nil, name: name))
        }
        let account = draft.object.json["spec", "serviceAccountName"]?.string ?? "default"
        removeVolumes(startingWith: "\(account)-token-", from: &draft.object)
    }

    private static func removeVolumes(startingWith prefix: String, from pod: inout APIObject) {
        pod.json["spec", "volumes"] = without(prefix, in: pod.json["spec", "volumes"])
        for list in ["containers", "initContainers"] {
            guard var containers = pod.json["spec", list]?.array else { continue }
            for index in containers.indices {
                containers[index]["volumeMounts"] = without(prefix, in: containers[index]["volumeMounts"])
            }
            pod.json["spec", list] = .array(containers)
        }
    }

    /// The list without entries of that name; nil instead of an empty list, as the server writes it.
    private static func without(_ prefix: String, in list: JSONValue?) -> JSONValue? {
        guard let entries = list?.array else { return list }
        let kept = entries.filter { !($0["name"]?.string ?? "").hasPrefix(prefix) }
        if kept.count == entries.count { return list }
        return kept.isEmpty ? nil : .array(kept)
    }
}
