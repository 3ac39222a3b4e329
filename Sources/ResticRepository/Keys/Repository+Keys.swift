package import Basics
import NIOCore
package import ResticFormat

/// A key file as a list shows it.
package struct StoredKey: Sendable, Hashable {
    package let id: ResticID
    package let file: KeyFile
    /// Whether the repository was opened with it.
    package let isCurrent: Bool
}

extension Repository {
    /// All key files that can be read, by creation. Damaged ones are left out.
    ///
    /// - Throws: `.store`, `.cancelled`.
    package func keys() async throws(RepositoryError) -> [StoredKey] {
        var keys: [StoredKey] = []
        for file in try await files.list(.key) {
            do throws(RepositoryError) {
                let bytes = try await files.load(.key, file.id)
                if let key = Repository.decodeKey(Array(buffer: bytes)) {
                    keys.append(StoredKey(id: file.id, file: key, isCurrent: file.id == keyID))
                }
            } catch {
                if error.code == .store || error.code == .cancelled { throw error }
            }
        }
        return keys.sorted { ($0.file.created.instant, $0.id) < ($1.file.created.instant, $1.id) }
    }

    private static func decodeKey(_ bytes: [UInt8]) -> KeyFile? {
        do throws(FormatError) { return try KeyFile(decoding: bytes) } catch { return nil }
    }

    /// Lets another password open the repository too.
    ///
    /// - Throws: `.invalid` for an empty password.
    package func addKey(
        password: Secret, parameters: ScryptParameters = .standard, username: String? = nil, hostname: String? = nil
    ) async throws(RepositoryError) -> ResticID {
        guard !password.isEmpty else { throw RepositoryError(.invalid, "the password is empty") }
        var named = environment
        named.owner = LockOwner(
            hostname: hostname ?? environment.owner.hostname, username: username ?? environment.owner.username,
            pid: environment.owner.pid)
        let file: KeyFile
        do throws(FormatError) {
            file = try Repository.makeKeyFile(key, password: password, parameters, named)
        } catch {
            throw RepositoryError(.invalid, "the key cannot be made", cause: error)
        }
        return try await files.save(.key, ByteBuffer(bytes: file.encoded()))
    }

    /// Removes a key: its password does not open the repository any more. Needs an exclusive lock.
    ///
    /// Whoever had the password may have kept the repository's own key; only a new repository keeps them out for certain.
    /// - Throws: `.invalid` for the key in use, `.notFound`.
    package func removeKey(_ id: ResticID) async throws(RepositoryError) {
        guard id != keyID else { throw RepositoryError(.invalid, "key \(id.shortDescription) is the one in use") }
        guard try await files.list(.key).contains(where: { $0.id == id }) else {
            throw RepositoryError(.notFound, "there is no key \(id)")
        }
        if let error = try await files.remove(.key, [id])[id] { throw RepositoryError(error, "removing key \(id)") }
    }

    /// Replaces the key in use by one with another password. Needs an exclusive lock.
    ///
    /// - Returns: the new key; this value goes on knowing the old one's name.
    package func changePassword(
        to password: Secret, parameters: ScryptParameters = .standard
    ) async throws(RepositoryError) -> ResticID {
        let id = try await addKey(password: password, parameters: parameters)
        if let error = try await files.remove(.key, [keyID])[keyID] {
            throw RepositoryError(error, "removing the old key \(keyID)")
        }
        return id
    }
}
