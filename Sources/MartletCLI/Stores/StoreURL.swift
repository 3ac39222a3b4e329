/// Where backups are kept, as people write it: a folder or a bucket. Never holds a secret.
package enum StoreURL: Sendable, Hashable, CustomStringConvertible {
    /// A path as given, absolute or relative to the working directory, without a slash at its end.
    case folder(path: String)
    case s3(S3Bucket)
    /// A text that begins with a bare word, as typed: `ALIAS/BUCKET/PREFIX` if there is such an alias, else a path. Which
    /// of them is known to whoever opens it; see `StorePlace`.
    case named(String)

    /// A bucket behind the S3 protocol and how to talk to it. What is nil is decided by the environment: `AWS_*`
    /// variables, then the profile in the shared configuration files, then the usual defaults.
    package struct S3Bucket: Sendable, Hashable {
        package var bucket: String
        /// Keys begin with it; no slash at either end; empty for the whole bucket.
        package var prefix: String
        /// `http://HOST:PORT` or `https://HOST[:PORT]`; nil for Amazon's.
        package var endpoint: String?
        package var region: String?
        /// `http://HOST/BUCKET` (true) or `http://BUCKET.HOST` (false).
        package var usesPathStyle: Bool?
        /// The section of the shared credentials file.
        package var profile: String?
        /// Path of a PEM file with the authorities to trust for this store.
        package var authorityFile: String?
        /// Accept any certificate.
        package var skipsVerification: Bool
        /// The alias that says the endpoint, the addressing and the keys; nil if the fields above do.
        package var alias: String?

        package init(
            bucket: String, prefix: String = "", endpoint: String? = nil, region: String? = nil,
            usesPathStyle: Bool? = nil, profile: String? = nil, authorityFile: String? = nil,
            skipsVerification: Bool = false, alias: String? = nil
        ) {
            self.bucket = bucket
            self.prefix = prefix
            self.endpoint = endpoint
            self.region = region
            self.usesPathStyle = usesPathStyle
            self.profile = profile
            self.authorityFile = authorityFile
            self.skipsVerification = skipsVerification
            self.alias = alias
        }
    }

    /// The URL that `init(parsing:)` reads back to the same value.
    package var description: String {
        switch self {
        case .folder(let path): path.hasPrefix("/") ? "file://\(path)" : path
        case .s3(let location): location.text
        case .named(let text): text
        }
    }

    /// As one word of a shell command: quoted if the shell would read more into it.
    package var shellWord: String {
        let text = description
        let plain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "/.:_-%+=,@".utf8.contains(byte)
            }
        }
        return plain
            ? text
            : "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
}

extension StoreURL.S3Bucket {
    fileprivate var text: String {
        if let alias { return prefix.isEmpty ? "\(alias)/\(bucket)" : "\(alias)/\(bucket)/\(prefix)" }
        var parameters: [(String, String)] = []
        if let endpoint { parameters.append(("endpoint", endpoint)) }
        if let region { parameters.append(("region", region)) }
        if let usesPathStyle { parameters.append(("path-style", usesPathStyle ? "true" : "false")) }
        if let profile { parameters.append(("profile", profile)) }
        if let authorityFile { parameters.append(("ca", authorityFile)) }
        if skipsVerification { parameters.append(("insecure", "true")) }
        let query = parameters.map { "\($0.0)=\(PercentCoding.encode($0.1, keeping: "/:"))" }.joined(separator: "&")
        let path = prefix.isEmpty ? "" : "/" + PercentCoding.encode(prefix, keeping: "/:")
        return "s3://\(bucket)\(path)" + (query.isEmpty ? "" : "?\(query)")
    }
}

/// Percent-encoding of the parts of a store's URL. Source: RFC 3986, section 2.
enum PercentCoding {
    static func encode(_ text: String, keeping kept: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                bytes.append(byte)
            case _ where "-._~".utf8.contains(byte) || kept.utf8.contains(byte): bytes.append(byte)
            default:
                let digits = Array("0123456789ABCDEF".utf8)
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Nil for a percent sign without two hexadecimal digits, and for bytes that are no UTF-8.
    static func decode(_ text: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16),
                rest.first != UInt8(ascii: "+")
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
