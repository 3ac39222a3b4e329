package import Basics
import NIOCore
package import ObjectStorage
package import ResticFormat

/// How a new repository is made.
package struct RepositoryOptions: Sendable, Hashable {
    package var version = RepositoryVersion.v2
    /// That of another repository, so that copies between the two find equal chunks; nil for a new one.
    package var polynomial: Polynomial?
    package var keyParameters = ScryptParameters.standard

    package init() {}
}

extension Repository {
    /// Makes a repository at the root of `store`: the key first, the config last, which commits.
    ///
    /// - Throws: `.exists` if there is a config, a key or a snapshot already; `.invalid` for an empty password.
    package static func initialize(
        in store: any ObjectStore, password: Secret, options: RepositoryOptions = RepositoryOptions(),
        environment: RepositoryEnvironment
    ) async throws(RepositoryError) -> Repository {
        let files = RepositoryFiles(store)
        try await checkVacant(files)
        guard !password.isEmpty else { throw RepositoryError(.invalid, "the password is empty") }
        let (config, key, keyFile) = try make(password: password, options, environment)
        let keyID = try await files.save(.key, ByteBuffer(bytes: keyFile.encoded()))
        let repository = Repository(files: files, config: config, keyID: keyID, key: key, environment: environment)
        try await repository.saveConfig(config, condition: .ifAbsent)
        return repository
    }

    private static func make(
        password: Secret, _ options: RepositoryOptions, _ environment: RepositoryEnvironment
    ) throws(RepositoryError) -> (RepositoryConfig, MasterKey, KeyFile) {
        var random = SystemRandomNumberGenerator()
        do throws(FormatError) {
            let key = try MasterKey(using: &random)
            let polynomial = if let given = options.polynomial { given } else { try Polynomial(using: &random) }
            let config = RepositoryConfig(
                version: options.version, id: ResticID(using: &random), polynomial: polynomial)
            return (config, key, try makeKeyFile(key, password: password, options.keyParameters, environment))
        } catch {
            throw RepositoryError(.invalid, "the repository cannot be made", cause: error)
        }
    }

    static func makeKeyFile(
        _ key: MasterKey, password: Secret, _ parameters: ScryptParameters, _ environment: RepositoryEnvironment
    ) throws(FormatError) -> KeyFile {
        var random = SystemRandomNumberGenerator()
        let now = environment.clock.now()
        return try KeyFile(
            sealing: key, password: password, parameters: parameters,
            created: NodeTime(now, zoneOffset: environment.zoneOffset(now)), username: environment.owner.username,
            hostname: environment.owner.hostname, using: &random)
    }

    private static func checkVacant(_ files: RepositoryFiles) async throws(RepositoryError) {
        do throws(StoreError) {
            _ = try await files.store.head(RepositoryFiles.configKey)
            throw StoreError(.preconditionFailed, "there is a config already")
        } catch {
            if error.code == .preconditionFailed {
                throw RepositoryError(.exists, "there is a repository in \(files.store.location) already")
            }
            if error.code != .notFound { throw RepositoryError(error, "looking for a config") }
        }
        for kind in [FileKind.key, .snapshot] {
            let found = try await files.list(kind)
            guard found.isEmpty else {
                throw RepositoryError(
                    .exists, "\(files.store.location) has no config, but \(found.count) \(kind) files: look there first"
                )
            }
        }
    }

    /// Writes the config, sealed.
    func saveConfig(_ config: RepositoryConfig, condition: PutCondition) async throws(RepositoryError) {
        let sealed = ByteBuffer(bytes: key.seal(config.encoded(), iv: nonces.next()))
        do throws(RepositoryError) {
            try await files.saveConfig(sealed, condition: condition)
        } catch {
            // Some stores know no conditions; whoever makes two repositories at one place at once loses one.
            guard condition == .ifAbsent, (error.cause as? StoreError)?.code == .unsupported else { throw error }
            try await files.saveConfig(sealed, condition: .none)
        }
    }
}
