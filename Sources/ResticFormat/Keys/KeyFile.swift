package import Basics

/// A file of `keys/`: the repository's key, sealed under a key that a password gives.
package struct KeyFile: Sendable, Hashable {
    package var created: NodeTime
    /// Who made the key; for people only.
    package var username: String
    package var hostname: String
    package var parameters: ScryptParameters
    /// 64 bytes.
    package var salt: [UInt8]
    /// The sealed JSON of the repository's key.
    package var data: [UInt8]

    package static let saltLength = 64
    /// The bound of a key file's length: real ones have about 450 bytes.
    package static let maximumLength = 64 << 10

    /// Seals `key` under `password`.
    /// - Throws: `unsupported` or `limitExceeded` for parameters that `ScryptParameters.check` refuses.
    package init(
        sealing key: MasterKey, password: Secret, parameters: ScryptParameters = .standard, created: NodeTime,
        username: String, hostname: String, using generator: inout some RandomNumberGenerator
    ) throws(FormatError) {
        self.created = created
        self.username = username
        self.hostname = hostname
        self.parameters = parameters
        salt = (0..<KeyFile.saltLength).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let userKey = try parameters.userKey(password: password, salt: salt)
        data = userKey.seal(key.encodedJSON(), iv: InitializationVector(using: &generator))
    }

    /// The repository's key. Costs what `parameters` say, half a second and 32 MiB as a rule.
    /// - Throws: `unauthenticated` if `password` is not this key's; `limitExceeded`, `unsupported`, `malformed` for files
    ///   that are not as they should be.
    package func open(password: Secret) throws(FormatError) -> MasterKey {
        let userKey = try parameters.userKey(password: password, salt: salt)
        return try MasterKey(json: try userKey.open(data))
    }

    /// - Throws: `malformed`; `unsupported` for another key derivation than scrypt; `limitExceeded`.
    package init(decoding json: [UInt8]) throws(FormatError) {
        throw FormatError(.unsupported, "not yet")
    }

    /// The bytes of the file. Their SHA-256 is its name.
    package func encoded() -> [UInt8] { [] }
}
