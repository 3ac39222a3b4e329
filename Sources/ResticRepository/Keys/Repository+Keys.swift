package import Basics
import NIOCore
package import ResticFormat

/// A key file with its name.
package struct StoredKey: Sendable, Hashable {
    package let id: ResticID
    package let file: KeyFile
}

/// The passwords of a repository: each key file holds the repository's one key under one password.
extension Repository {
    /// All key files, ascending by id.
    /// - Throws: `.damaged` for the first one that cannot be read; `.store`.
    package func keys() async throws(RepositoryError) -> [StoredKey] {
        var keys: [StoredKey] = []
        for listed in try await files.list(.key) {
            let bytes = try await files.load(.key, listed.id)
            do throws(FormatError) {
                keys.append(StoredKey(id: listed.id, file: try KeyFile(decoding: Array(buffer: bytes))))
            } catch {
                throw RepositoryError(error, in: "key \(listed.id)")
            }
        }
        return keys
    }

    /// Adds a password.
    /// - Parameters:
    ///   - username: noted in the file; nil for this process's.
    ///   - hostname: likewise.
    /// - Returns: the key file. It was opened again with the password, so that a failing memory locks nobody out.
    package func addKey(
        password: Secret, parameters: ScryptParameters = .standard, username: String? = nil, hostname: String? = nil
    ) async throws(RepositoryError) -> ResticID {
        guard !password.isEmpty else { throw RepositoryError(.invalid, "the new password is empty") }
        var random = SystemRandomNumberGenerator()
        let bytes: [UInt8]
        do throws(FormatError) {
            let file = try KeyFile(
                sealing: key, password: password, parameters: parameters, created: now(),
                username: username ?? environment.owner.username, hostname: hostname ?? environment.owner.hostname,
                using: &random)
            bytes = file.encoded()
            let opened = try KeyFile(decoding: bytes).open(password: password)
            guard opened.encodedJSON() == key.encodedJSON() else {
                throw FormatError(.mismatch, "the new key does not open the repository")
            }
        } catch {
            throw RepositoryError(.invalid, "a key for the new password cannot be made", cause: error)
        }
        return try await files.save(.key, ByteBuffer(bytes: bytes))
    }

    /// Removes a password. One that was used before may be kept by whoever used it.
    /// - Throws: `.invalid` for the last key, without which nobody could open the repository; `.store`.
    package func removeKey(_ id: ResticID) async throws(RepositoryError) {
        guard try await files.list(.key).contains(where: { $0.id != id }) else {
            throw RepositoryError(.invalid, "the key \(id.shortDescription) is the last one")
        }
        let failures = try await files.remove(.key, [id])
        if let error = failures[id] { throw RepositoryError(error, "removing key \(id)") }
    }

    /// What every password opens in the end, as JSON. Secret: only for a person who asks to see it.
    package func masterKeyJSON() -> [UInt8] { key.encodedJSON() }
}
