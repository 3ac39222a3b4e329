package import Basics
package import ObjectStorage

/// Who asks. The access key is a name and may appear in messages; the others must not.
package struct S3Credentials: Sendable, Hashable {
    package var accessKey: String
    package var secretKey: Secret
    /// With credentials that end: roles, single sign-on.
    package var sessionToken: Secret?

    package init(accessKey: String, secretKey: Secret, sessionToken: Secret? = nil) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
    }
}

/// Where credentials come from; asked before every request, so it answers from memory as long as it can.
package protocol S3CredentialsSource: Sendable {
    /// - Throws: `.unauthorized` if there are none, with what was looked for.
    func credentials() async throws(StoreError) -> S3Credentials
}

/// Credentials that never change.
extension S3Credentials: S3CredentialsSource {
    package func credentials() async throws(StoreError) -> S3Credentials { self }
}

/// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
/// Source: AWS SDKs and Tools Reference Guide, "Environment variables".
package struct EnvironmentCredentials: S3CredentialsSource {
    private let variable: @Sendable (String) -> String?

    /// - Parameter variable: the value of an environment variable; nil or empty if it is not set.
    package init(variable: @escaping @Sendable (String) -> String?) { self.variable = variable }

    package func credentials() async throws(StoreError) -> S3Credentials {
        guard let accessKey = value("AWS_ACCESS_KEY_ID"), let secretKey = value("AWS_SECRET_ACCESS_KEY") else {
            throw StoreError(.unauthorized, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set")
        }
        return S3Credentials(
            accessKey: accessKey, secretKey: Secret(secretKey),
            sessionToken: value("AWS_SESSION_TOKEN").map(Secret.init))
    }

    private func value(_ name: String) -> String? { variable(name).flatMap { $0.isEmpty ? nil : $0 } }
}

/// The first of several sources that has credentials.
package struct FirstCredentials: S3CredentialsSource {
    private let sources: [any S3CredentialsSource]

    package init(_ sources: [any S3CredentialsSource]) { self.sources = sources }

    /// - Throws: `.unauthorized` with what each source looked for; other errors of a source, such as a file that cannot be
    ///   read, at once.
    package func credentials() async throws(StoreError) -> S3Credentials {
        var looked: [String] = []
        for source in sources {
            do throws(StoreError) {
                return try await source.credentials()
            } catch {
                guard error.code == .unauthorized else { throw error }
                looked.append(error.message)
            }
        }
        throw StoreError(.unauthorized, "no credentials for the store: \(looked.joined(separator: "; "))")
    }
}
