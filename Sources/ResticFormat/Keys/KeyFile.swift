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

    /// The repository's key. Costs what `parameters` say, a fifth to half a second and 32 MiB as a rule.
    /// - Throws: `unauthenticated` if `password` is not this key's; `limitExceeded`, `unsupported`, `malformed` for files
    ///   that are not as they should be.
    package func open(password: Secret) throws(FormatError) -> MasterKey {
        let userKey = try parameters.userKey(password: password, salt: salt)
        var json = try userKey.open(data)
        defer { for index in json.indices { json[index] = 0 } }
        return try MasterKey(json: json)
    }

    /// - Throws: `malformed`; `unsupported` for another key derivation than scrypt; `limitExceeded` for an absurd length.
    package init(decoding json: [UInt8]) throws(FormatError) {
        guard json.count <= KeyFile.maximumLength else {
            throw FormatError(.limitExceeded, "a key file of \(json.count) bytes")
        }
        self = try json.withRawBytes { bytes throws(FormatError) in
            var reader = JSONReader(bytes)
            return try KeyFile(&reader)
        }
    }

    /// The bytes of the file. Their SHA-256 is its name.
    package func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 600)
        writer.append(#"{"created":"#)
        writer.append(created)
        writer.append(#","username":"#)
        writer.append(json: username)
        writer.append(#","hostname":"#)
        writer.append(json: hostname)
        writer.append(#","kdf":"scrypt","N":"#)
        writer.append(decimal: Int64(parameters.cost))
        writer.append(#","r":"#)
        writer.append(decimal: Int64(parameters.blockSize))
        writer.append(#","p":"#)
        writer.append(decimal: Int64(parameters.parallelism))
        writer.append(#","salt":"#)
        writer.append(base64: salt)
        writer.append(#","data":"#)
        writer.append(base64: data)
        writer.append("}")
        return writer.bytes()
    }

    private init(_ reader: inout JSONReader) throws(FormatError) {
        self.init(
            created: .zero, username: "", hostname: "",
            parameters: ScryptParameters(cost: 0, blockSize: 0, parallelism: 0), salt: [], data: [])
        var kdf = ""
        try reader.beginObject()
        var isFirst = true
        while let key = try reader.nextKey(&isFirst) {
            if key == "kdf" { kdf = try reader.string() } else { try read(key, &reader) }
        }
        try reader.expectEnd()
        guard kdf == "scrypt" else {
            throw FormatError(.unsupported, "unknown key derivation \"\(kdf.prefix(40))\"")
        }
        guard salt.count == KeyFile.saltLength else {
            throw FormatError(.malformed, "the salt has \(salt.count) bytes, not \(KeyFile.saltLength)")
        }
        try parameters.check()
    }

    private mutating func read(_ key: JSONKey, _ reader: inout JSONReader) throws(FormatError) {
        if key == "created" {
            created = try reader.time()
        } else if key == "username" {
            username = try reader.string()
        } else if key == "hostname" {
            hostname = try reader.string()
        } else if key == "salt" {
            salt = try reader.base64()
        } else if key == "data" {
            data = try reader.base64()
        } else {
            try readParameter(key, &reader)
        }
    }

    private mutating func readParameter(_ key: JSONKey, _ reader: inout JSONReader) throws(FormatError) {
        if key == "N" {
            parameters.cost = try reader.signedNumber()
        } else if key == "r" {
            parameters.blockSize = try reader.signedNumber()
        } else if key == "p" {
            parameters.parallelism = try reader.signedNumber()
        } else {
            try reader.skipValue()
        }
    }
}

extension KeyFile {
    private init(
        created: NodeTime, username: String, hostname: String, parameters: ScryptParameters, salt: [UInt8],
        data: [UInt8]
    ) {
        self.created = created
        self.username = username
        self.hostname = hostname
        self.parameters = parameters
        self.salt = salt
        self.data = data
    }
}
