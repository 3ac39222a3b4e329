import KubernetesModel

/// With a namespace mapping, the subjects of role bindings follow their service accounts.
enum BindingSubjects {
    static let clusterRoleBindings = ItemAction(
        name: "velero.io/cluster-role-bindings", resources: [Restored.clusterRoleBindings]
    ) { draft, settings in map(&draft, settings) }

    static let roleBindings = ItemAction(
        name: "velero.io/role-bindings", resources: [Restored.roleBindings]
    ) { draft, settings in map(&draft, settings) }

    static func map(_ draft: inout ItemDraft, _ settings: ActionSettings) {
        guard !settings.namespaceMapping.isEmpty, var subjects = draft.stored.json["subjects"]?.array else { return }
        for index in subjects.indices {
            guard let namespace = subjects[index]["namespace"]?.string else { continue }
            if let target = settings.namespaceMapping[namespace] { subjects[index]["namespace"] = .string(target) }
        }
        draft.object.json["subjects"] = .array(subjects)
    }
}
