package import Basics
import NIOCore
package import ObjectStorage
package import ResticFormat

extension Repository {
    /// Opens the repository in `store` with a password.
    ///
    /// - Parameters:
    ///   - store: one that retries; the repository is at its root.
    ///   - keyHint: a key file to try first.
    /// - Throws: `.noRepository`, `.wrongKey`, `.damaged`, `.unsupported`, `.store`.
    package static func open(
        _ store: any ObjectStore, password: Secret, keyHint: ResticID? = nil, environment: RepositoryEnvironment
    ) async throws(RepositoryError) -> Repository {
        let files = RepositoryFiles(store)
        let sealedConfig = try await files.loadConfig()
        let (keyID, key) = try await findKey(in: files, password: password, hint: keyHint)
        let config: RepositoryConfig
        do throws(FormatError) {
            config = try RepositoryConfig(decoding: key.open(Array(buffer: sealedConfig)))
        } catch {
            throw RepositoryError(error, in: "the config in \(store.location)")
        }
        return Repository(files: files, config: config, keyID: keyID, key: key, environment: environment)
    }

    /// The most key files that are tried: each costs up to half a second.
    private static let mostKeys = 20

    private static func findKey(
        in files: RepositoryFiles, password: Secret, hint: ResticID?
    ) async throws(RepositoryError) -> (ResticID, MasterKey) {
        // A hint that leads nowhere is no reason to give up.
        if let hint, let key = try? await tryKey(hint, in: files, password: password) { return (hint, key) }
        let keys = try await files.list(.key)
        guard !keys.isEmpty else {
            throw RepositoryError(.damaged, "the repository in \(files.store.location) has no key: nobody can open it")
        }
        var damage: RepositoryError?
        for file in keys.prefix(mostKeys) where file.id != hint {
            do throws(RepositoryError) {
                if let key = try await tryKey(file.id, in: files, password: password) { return (file.id, key) }
            } catch {
                // Another key may still open it.
                if error.code == .store || error.code == .cancelled { throw error }
                damage = damage ?? error
            }
        }
        if let damage { throw damage }
        guard keys.count <= mostKeys else {
            throw RepositoryError(
                .wrongKey, "the password opens none of the first \(mostKeys) of \(keys.count) keys: name the key to use"
            )
        }
        throw RepositoryError(.wrongKey, "the password opens none of the \(keys.count) keys in \(files.store.location)")
    }

    /// The repository's key; nil if the password is not this key file's.
    private static func tryKey(
        _ id: ResticID, in files: RepositoryFiles, password: Secret
    ) async throws(RepositoryError) -> MasterKey? {
        let bytes = try await files.load(.key, id)
        do throws(FormatError) {
            return try KeyFile(decoding: Array(buffer: bytes)).open(password: password)
        } catch {
            if error.code == .unauthenticated { return nil }
            throw RepositoryError(error, in: "key \(id)")
        }
    }
}

extension RepositoryFiles {
    /// The sealed config.
    /// - Throws: `.noRepository` if there is none, `.damaged` if it is empty.
    func loadConfig() async throws(RepositoryError) -> ByteBuffer {
        let bytes: ByteBuffer
        do throws(StoreError) {
            bytes = try await store.read(RepositoryFiles.configKey, limit: FileKind.config.sizeLimit)
        } catch {
            guard error.code == .notFound else { throw RepositoryError(error, reading: "the config") }
            throw RepositoryError(.noRepository, "there is no repository in \(store.location)", cause: error)
        }
        guard bytes.readableBytes > MasterKey.overhead else {
            throw RepositoryError(
                .damaged, "the config in \(store.location) was cut off: it has \(bytes.readableBytes) bytes")
        }
        return bytes
    }

    func saveConfig(_ sealed: ByteBuffer, condition: PutCondition) async throws(RepositoryError) {
        try await changes.pass()
        do throws(StoreError) {
            _ = try await store.put(sealed, at: RepositoryFiles.configKey, options: PutOptions(condition: condition))
        } catch {
            if error.code == .preconditionFailed {
                throw RepositoryError(.exists, "there is a repository in \(store.location) already", cause: error)
            }
            throw RepositoryError(error, "writing the config")
        }
    }
}
