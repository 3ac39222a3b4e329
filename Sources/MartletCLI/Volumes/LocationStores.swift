import Basics
import KubernetesClient
import KubernetesModel
import ObjectStorage
import S3
import VeleroAPI
import VeleroControllers

/// Opens the storage locations that the cluster knows, with their own keys where they name some.
struct LocationStores: Sendable {
    let client: APIClient
    let namespace: String
    let context: CommandContext

    private static let secrets = ResourceKind(
        groupVersion: GroupVersion(apiVersion: "v1"), resource: "secrets", kind: "Secret", isNamespaced: true)

    func open(_ name: String) async throws -> OpenedLocation {
        guard let found = try await client.find(BackupStorageLocation.resourceKind, name, in: namespace) else {
            throw CommandError(.notFound, "there is no storage location '\(name)' in namespace \(namespace)")
        }
        let location = try BackupStorageLocation(try found.decoded())
        let (bucket, alias) = try await place(location)
        let whole = try await context.stores(knowing: alias.map { ["location": $0] } ?? [:]).bucket(bucket)
        let store: any ObjectStore =
            bucket.prefix.isEmpty ? whole : PrefixStore(whole, prefix: bucket.prefix + "/")
        return OpenedLocation(
            store: location.isReadOnly ? ReadOnlyStore(store) : store,
            repositoryPrefix: try LocationStores.repositoryPrefix(location), isReadOnly: location.isReadOnly)
    }

    private func place(_ location: BackupStorageLocation) async throws -> (StoreURL.S3Bucket, StoreAlias?) {
        let spec = location.spec
        guard spec.provider == "aws" || spec.provider == "velero.io/aws" else {
            throw CommandError.usage(
                "storage location '\(location.name)' is at '\(spec.provider)'; this version knows 'aws' (the S3 protocol)"
            )
        }
        var bucket = StoreURL.S3Bucket(bucket: spec.bucket, prefix: LocationStores.trimmed(spec.prefix))
        bucket.endpoint = spec.config["s3Url"].map(LocationStores.trimmed)
        bucket.region = spec.config["region"]
        bucket.usesPathStyle = spec.config["s3ForcePathStyle"].map { $0 == "true" }
        bucket.profile = spec.config["profile"]
        bucket.skipsVerification = spec.config["insecureSkipTLSVerify"] == "true"
        if let authority = spec.caCert, !authority.isEmpty { bucket.authorityFile = try keep(authority, location.name) }
        guard let name = spec.credentialName, let key = spec.credentialKey else { return (bucket, nil) }
        let credentials = try await credentials(name, key, profile: bucket.profile ?? "default")
        let alias = StoreAlias(
            url: bucket.endpoint ?? "https://s3.\(bucket.region ?? "us-east-1").amazonaws.com",
            accessKey: credentials.accessKey, secretKey: credentials.secretKey,
            sessionToken: credentials.sessionToken)
        bucket.alias = "location"
        return (bucket, alias)
    }

    private func credentials(_ name: String, _ key: String, profile: String) async throws -> S3Credentials {
        let secret = try await client.get(LocationStores.secrets, name, in: namespace).decoded()
        guard let text = secret.json["data", key]?.string, let bytes = Base64.decode(text) else {
            throw CommandError.usage("Secret \(namespace)/\(name) has no '\(key)' with the keys of the store")
        }
        let file = WatchedFile(path: "Secret \(namespace)/\(name)", read: { bytes }, version: { "1" })
        return try await SharedCredentialsFile(file, profile: profile).credentials()
    }

    /// Authorities are files for whoever opens connections.
    private func keep(_ base64: String, _ name: String) throws -> String {
        guard let bytes = Base64.decode(base64) else {
            throw CommandError.usage("storage location '\(name)': caCert is not base64")
        }
        let path = "\(context.temporaryFolder)/martlet-authority-\(name).pem"
        try HostFile.write(path, bytes)
        return path
    }

    /// Source: reference section 9.2.
    static func repositoryPrefix(_ location: BackupStorageLocation) throws -> String {
        let spec = location.spec
        if let given = spec.config["resticRepoPrefix"], !given.isEmpty { return trimmed(given) }
        var bucket = StoreURL.S3Bucket(bucket: spec.bucket, prefix: trimmed(spec.prefix))
        bucket.endpoint = spec.config["s3Url"].map(trimmed)
        bucket.region = spec.config["region"]
        return try StoreURL.s3(bucket).repositoryPrefix(AliasBook(environment: [:], files: .none))
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.hasPrefix("/") { text.removeFirst() }
        while text.hasSuffix("/") { text.removeLast() }
        return String(text)
    }
}
