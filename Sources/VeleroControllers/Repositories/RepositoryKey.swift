package import Basics
package import KubernetesClient
internal import KubernetesModel

/// The one password of all repositories of an installation, in a Secret of its namespace. Source: reference section 9.2.
package struct RepositoryKey: Sendable, Hashable {
    /// The Secret of today, and of Velero 1.9 and older.
    package static let secretNames = ["velero-repo-credentials", "velero-restic-credentials"]
    package static let field = "repository-password"
    /// What Velero takes when nobody chose a password: published, so it protects nothing.
    package static let wellKnown = Secret("static-passw0rd")

    package let password: Secret
    /// For people: `Secret velero/velero-repo-credentials`.
    package let source: String

    /// Whether new repositories may be made with it. Nobody chose the fallback.
    package let mayCreate: Bool

    package init(password: Secret, source: String, mayCreate: Bool = true) {
        self.password = password
        self.source = source
        self.mayCreate = mayCreate
    }

    /// For repositories that are there already, where nobody gave a password: those of an installation of Velero's that was
    /// left as it came.
    package static let fallback = RepositoryKey(password: wellKnown, source: "none was given", mayCreate: false)

    package var isWellKnown: Bool { password == RepositoryKey.wellKnown }

    package var warning: String? {
        guard isWellKnown else { return nil }
        return
            "the repositories' password (\(source)) is the one that Velero ships: whoever can read the bucket can read "
            + "the data; add a password of your own with 'martlet repo key add', and put it into the Secret"
    }

    static let secrets = ResourceKind(
        groupVersion: GroupVersion(apiVersion: "v1"), resource: "secrets", kind: "Secret", isNamespaced: true)

    /// The key that is kept in the cluster; nil if there is none.
    ///
    /// - Throws: `.invalid` for a Secret without the field; `.unavailable`.
    package static func find(_ client: APIClient, in namespace: String) async throws(ControllerError) -> RepositoryKey?
    {
        for name in secretNames {
            let found: APIObject?
            do {
                found = try await client.find(secrets, name, in: namespace)?.decoded()
            } catch {
                throw ControllerError(reading: "Secret \(namespace)/\(name)", error)
            }
            guard let found else { continue }
            guard let text = found.json["data", field]?.string, let bytes = Base64.decode(text),
                let password = String(validating: bytes, as: UTF8.self).map(trimmed), !password.isEmpty
            else {
                throw ControllerError(.invalid, "Secret \(namespace)/\(name) has no \(field) that is a text")
            }
            return RepositoryKey(password: Secret(password), source: "Secret \(namespace)/\(name)")
        }
        return nil
    }

    /// Makes a key for a new installation, or takes the one that somebody else just made.
    ///
    /// - Parameter random: of the system; 256 bits are taken.
    /// - Returns: the key, and whether it is new: then a person should be shown it once and keep it elsewhere, because without
    ///   it the backups of a lost cluster cannot be read.
    package static func findOrMake(
        _ client: APIClient, in namespace: String, random: () -> UInt64
    ) async throws(ControllerError) -> (key: RepositoryKey, isNew: Bool) {
        if let key = try await find(client, in: namespace) { return (key, false) }
        let name = secretNames[0]
        var bytes: [UInt8] = []
        for _ in 0..<4 {
            let word = random()
            for shift in stride(from: 0, to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
            }
        }
        let password = Hex.encode(bytes)
        let secret: JSONValue = [
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
            "metadata": ["name": .string(name), "namespace": .string(namespace), "labels": ["component": "velero"]],
            "data": [field: .string(Base64.encode(Array(password.utf8)))],
        ]
        do throws(APIError) {
            _ = try await client.create(secrets, in: namespace, secret.serialized())
        } catch {
            if error.code == .alreadyExists, let key = try await find(client, in: namespace) { return (key, false) }
            throw ControllerError(
                .unavailable, "the Secret \(namespace)/\(name) for the repositories' password cannot be made",
                cause: error)
        }
        return (RepositoryKey(password: Secret(password), source: "Secret \(namespace)/\(name)"), true)
    }

    private static func trimmed(_ text: String) -> String {
        let characters = Array(text.unicodeScalars)
        let isBlank: (Unicode.Scalar) -> Bool = { $0.properties.isWhitespace }
        guard let first = characters.firstIndex(where: { !isBlank($0) }),
            let last = characters.lastIndex(where: { !isBlank($0) })
        else { return "" }
        var kept = String.UnicodeScalarView()
        kept.append(contentsOf: characters[first...last])
        return String(kept)
    }
}
