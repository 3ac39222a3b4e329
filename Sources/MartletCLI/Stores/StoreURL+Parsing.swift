extension StoreURL {
    /// What a store looks like on the command line, for help texts and errors.
    package static let examples = [
        "file:///srv/backups",
        "./backups",
        "'s3://BUCKET/PREFIX?endpoint=https://HOST:PORT&region=us-east-1&path-style=true'",
        "ALIAS/BUCKET/PREFIX",
    ]

    /// Reads what a person typed.
    ///
    /// - Throws: `.usage` with what is wrong, what would be right, and never the text itself if it holds a secret.
    package init(parsing text: String) throws(CommandError) {
        guard !text.isEmpty else { throw StoreURL.refusal("the store is empty") }
        guard !text.utf8.contains(0) else { throw StoreURL.refusal("the store has a NUL in its name") }
        guard let mark = text.firstRange(of: "://") else {
            self = try StoreURL.path(text)
            return
        }
        let scheme = text[..<mark.lowerBound].lowercased()
        let rest = text[mark.upperBound...]
        switch scheme {
        case "file": self = try StoreURL.fileURL(rest)
        case "s3":
            var (location, key) = try StoreURL.bucketURL(rest)
            location.prefix = StoreURL.trimmed(key)
            self = .s3(location)
        case "http", "https":
            throw StoreURL.refusal(
                "a store is not written as a web address",
                "Write the bucket first and the address as its endpoint: 's3://BUCKET/PREFIX?endpoint=\(scheme)://HOST:PORT'"
            )
        default:
            throw StoreURL.refusal(
                "there is no store of the kind '\(scheme)://'." + Suggestion.sentence(for: scheme, in: ["file", "s3"]))
        }
    }

    private static func refusal(_ message: String, _ advice: String...) -> CommandError {
        CommandError(
            .usage, message,
            advice: advice.isEmpty ? ["Write it like one of these: \(examples.joined(separator: "  "))"] : advice)
    }

    /// A path says that it is one by its first character; a bare word is an alias's name before it is a folder's.
    private static func path(_ text: String) throws(CommandError) -> StoreURL {
        if text == "." || text == ".." || text.hasPrefix("/") || text.hasPrefix("./") || text.hasPrefix("../") {
            return .folder(path: withoutFinalSlashes(text))
        }
        if text.hasPrefix("~") {
            throw refusal(
                "'\(text)' is not a path: only the shell knows what '~' means, and it left it as it is",
                "Write the path without quotes, or in full.")
        }
        return .named(text)
    }

    private static func fileURL(_ rest: Substring) throws(CommandError) -> StoreURL {
        guard rest.hasPrefix("/") else {
            throw refusal(
                "'file://\(rest)' names a computer, not a folder", "Three slashes begin a local path: 'file:///\(rest)'"
            )
        }
        guard !rest.contains("?"), !rest.contains("#") else {
            throw refusal(
                "a folder takes no parameters: 'file://\(rest)'", "Write '?' and '#' in a path as %3F and %23.")
        }
        guard let path = PercentCoding.decode(rest), !path.utf8.contains(0) else {
            throw refusal("'file://\(rest)' has a '%' that is not followed by two hexadecimal digits")
        }
        return .folder(path: withoutFinalSlashes(path))
    }

    private static func withoutFinalSlashes(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }

    /// The bucket without a prefix, and what stands behind it, decoded and otherwise as typed.
    static func bucketURL(_ rest: Substring) throws(CommandError) -> (S3Bucket, key: String) {
        let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts[0].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard !path[0].contains("@"), !path[0].contains(":") else {
            throw refusal(
                "a store's URL must not hold a key or a password (nothing before '@' in the bucket's name)",
                "Command lines are seen by others and kept in histories. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
                    + "or name a section of ~/.aws/credentials with '?profile=NAME'.")
        }
        let bucket = String(path[0])
        if let fault = BucketName.fault(in: bucket) { throw refusal("'\(bucket)' is no bucket: \(fault)") }
        guard let prefix = PercentCoding.decode(path.count == 2 ? path[1] : "") else {
            throw refusal("'\(path[1])' has a '%' that is not followed by two hexadecimal digits")
        }
        var location = S3Bucket(bucket: bucket)
        try location.apply(query: parts.count == 2 ? parts[1] : "")
        return (location, prefix)
    }

    /// Without slashes at its ends.
    static func trimmed(_ prefix: String) -> String {
        var prefix = prefix[...]
        while prefix.hasPrefix("/") { prefix.removeFirst() }
        while prefix.hasSuffix("/") { prefix.removeLast() }
        return String(prefix)
    }
}

extension StoreURL.S3Bucket {
    private static let parameters = ["endpoint", "region", "path-style", "profile", "ca", "insecure"]

    fileprivate mutating func apply(query: Substring) throws(CommandError) {
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard StoreURL.S3Bucket.parameters.contains(name) else { throw unknown(name) }
            guard parts.count == 2, !parts[1].isEmpty, let value = PercentCoding.decode(parts[1]) else {
                throw .usage("the parameter '\(name)' of the store has no value", advice: "Write '\(name)=VALUE'.")
            }
            try set(name, value)
        }
    }

    /// The value of an unknown parameter is not shown: people put secrets there.
    private func unknown(_ name: String) -> CommandError {
        let secretNames = ["key", "secret", "password", "token", "access"]
        if secretNames.contains(where: name.lowercased().contains) {
            return .usage(
                "a store's URL must not hold a key or a password: parameter '\(name)'",
                advice: "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a section of ~/.aws/credentials with "
                    + "'profile=NAME'.")
        }
        return .usage(
            "a store has no parameter '\(name)'."
                + Suggestion.sentence(for: name, in: StoreURL.S3Bucket.parameters),
            advice: "Parameters are: \(StoreURL.S3Bucket.parameters.joined(separator: ", ")).")
    }

    private mutating func set(_ name: String, _ value: String) throws(CommandError) {
        switch name {
        case "endpoint": endpoint = try StoreURL.S3Bucket.endpoint(value)
        case "region": region = value
        case "path-style": usesPathStyle = try StoreURL.S3Bucket.flag(name, value)
        case "profile": profile = value
        case "ca": authorityFile = value
        case "insecure": skipsVerification = try StoreURL.S3Bucket.flag(name, value)
        default: preconditionFailure("a parameter without a meaning: \(name)")
        }
    }

    private static func flag(_ name: String, _ value: String) throws(CommandError) -> Bool {
        switch value.lowercased() {
        case "true", "1", "yes": return true
        case "false", "0", "no": return false
        default: throw .usage("'\(name)' is true or false, not '\(value)'")
        }
    }

    private static func endpoint(_ value: String) throws(CommandError) -> String {
        let lowered = value.lowercased()
        guard lowered.hasPrefix("http://") || lowered.hasPrefix("https://") else {
            throw .usage(
                "the endpoint '\(value.split(separator: "@").last ?? "")' has no scheme",
                advice: "Write 'endpoint=https://HOST:PORT', or http:// for a store without TLS.")
        }
        let authority = value[value.firstRange(of: "://")!.upperBound...].split(
            separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard !authority[0].contains("@") else {
            throw .usage(
                "an endpoint must not hold a key or a password",
                advice: "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY instead.")
        }
        guard !authority[0].isEmpty, authority.count == 1 || authority[1].isEmpty else {
            throw .usage(
                "an endpoint is a scheme, a host and a port, no path: '\(value)'",
                advice: "The bucket and the prefix stand at the front: 's3://BUCKET/PREFIX?endpoint=https://HOST:PORT'."
            )
        }
        return value.hasSuffix("/") ? String(value.dropLast()) : value
    }
}

/// What a bucket may be called. Looser than Amazon's rules by capitals and underscores, which other stores allow.
/// Source: Amazon S3 User Guide, "Bucket naming rules".
enum BucketName {
    static func fault(in name: String) -> String? {
        if name.isEmpty { return "it has no name" }
        if name.utf8.count > 255 { return "its name is longer than 255 bytes" }
        let isValid = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "._-".utf8.contains(byte)
            }
        }
        if !isValid { return "a name has letters, digits, '.', '-' and '_'" }
        return name == "." || name == ".." ? "a name is not only dots" : nil
    }
}
