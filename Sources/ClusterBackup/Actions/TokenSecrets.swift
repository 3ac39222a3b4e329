import KubernetesModel

/// Tokens of service accounts are signed by the lost cluster. One that the token controller made comes back by itself;
/// one that somebody asked for is emptied, so that the controller fills it anew.
enum TokenSecrets {
    static let accountAnnotation = "kubernetes.io/service-account.name"

    static let action = ItemAction(name: "velero.io/secret", resources: [Restored.secrets]) { draft, settings in
        guard draft.stored.json["type"]?.string == "kubernetes.io/service-account-token" else { return }
        if let account = draft.stored.annotations[accountAnnotation], let original = draft.stored.namespace,
            isGenerated(draft.stored.name, for: account),
            settings.serviceAccounts.contains(
                NamespacedName(namespace: settings.target(of: original), name: account))
        {
            draft.skipReason = "service account '\(account)' gets a token of its own"
            return
        }
        ClaimBinding.removeAnnotations(["kubernetes.io/service-account.uid"], from: &draft.object)
        draft.object.json["data", "token"] = nil
        draft.object.json["data", "ca.crt"] = nil
        if draft.object.json["data"]?.object?.isEmpty == true { draft.object.json["data"] = nil }
    }

    /// Whether a Secret is named as the token controller names them: `ACCOUNT-token-xxxxx`, five letters or digits.
    static func isGenerated(_ name: String, for account: String) -> Bool {
        let prefix = "\(account)-token-"
        guard name.hasPrefix(prefix) else { return false }
        let suffix = name.utf8.dropFirst(prefix.utf8.count)
        return suffix.count == 5
            && suffix.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }
    }
}
