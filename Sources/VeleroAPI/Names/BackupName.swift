internal import KubernetesModel

/// The name of a backup: an RFC 1123 subdomain, because it names a Backup object, and safe in a key for the same reason.
package struct BackupName: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let text: String

    package init?(_ text: some StringProtocol) {
        guard KubernetesName.isSubdomain(text) else { return nil }
        self.text = String(text)
    }

    package var description: String { text }

    package static func < (left: BackupName, right: BackupName) -> Bool { left.text < right.text }
}

/// The name of a restore; the same rule.
package struct RestoreName: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let text: String

    package init?(_ text: some StringProtocol) {
        guard KubernetesName.isSubdomain(text) else { return nil }
        self.text = String(text)
    }

    package var description: String { text }

    package static func < (left: RestoreName, right: RestoreName) -> Bool { left.text < right.text }
}
