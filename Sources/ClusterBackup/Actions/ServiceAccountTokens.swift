import KubernetesModel

/// A service account forgets the token Secrets that the lost cluster made for it.
enum ServiceAccountTokens {
    static let action = ItemAction(
        name: "velero.io/service-account", resources: [Restored.serviceAccounts]
    ) { draft, _ in
        guard let secrets = draft.object.json["secrets"]?.array else { return }
        let prefix = "\(draft.object.name)-token-"
        let kept = secrets.filter { !($0["name"]?.string ?? "").hasPrefix(prefix) }
        draft.object.json["secrets"] = kept.isEmpty ? nil : .array(kept)
    }
}
