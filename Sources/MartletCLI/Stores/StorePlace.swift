/// What the everyday commands take: a path of this machine, a bucket with a key or the beginning of keys, or a whole
/// server. Unlike a `StoreURL` the key is exact: a slash at its end, or two in a row, stay. Never holds a secret.
package enum StorePlace: Sendable, Hashable, CustomStringConvertible {
    /// A path as typed.
    case path(String)
    /// All buckets of a server; `bucket` is empty.
    case server(StoreURL.S3Bucket)
    /// A bucket, whose own `prefix` is empty, and a key in it or the beginning of keys; empty for the bucket itself.
    case bucket(StoreURL.S3Bucket, key: String)

    /// As a person would type it.
    package var description: String {
        switch self {
        case .path(let path): path
        case .server(let server): server.alias ?? "s3://?endpoint=\(server.endpoint ?? "")"
        case .bucket(let bucket, let key):
            (bucket.alias.map { "\($0)/" } ?? "s3://") + bucket.bucket + (key.isEmpty ? "" : "/\(key)")
        }
    }

    /// Whether what is put here goes into it: a folder, a bucket, or a name that ends with a slash.
    package var isContainer: Bool {
        switch self {
        case .path(let path): path.hasSuffix("/") || path == "." || path == ".." || path.hasSuffix("/..")
        case .server: true
        case .bucket(_, let key): key.isEmpty || key.hasSuffix("/")
        }
    }
}

/// Tells the names of aliases from those of folders, as mc does: what begins with the name of an alias is in that store,
/// everything else is a path of this machine.
package struct PlaceReader: Sendable {
    private let aliases: AliasBook
    private let pathExists: @Sendable (String) -> Bool

    package init(aliases: AliasBook, pathExists: @escaping @Sendable (String) -> Bool) {
        self.aliases = aliases
        self.pathExists = pathExists
    }

    /// Reads what a person typed: a URL as of `StoreURL`, `ALIAS[/BUCKET[/KEY]]`, or a path.
    ///
    /// - Parameter isNew: whether a path may name something that does not exist yet in a folder that does.
    /// - Throws: `.usage` with what is wrong, also for a bare word that is neither an alias nor an existing path: a
    ///   misspelt alias must not become a new folder.
    package func place(_ text: String, mayBeNew isNew: Bool = false) throws(CommandError) -> StorePlace {
        if let mark = text.firstRange(of: "://"), text[..<mark.lowerBound].lowercased() == "s3" {
            return try bucketURL(text[mark.upperBound...])
        }
        switch try StoreURL(parsing: text) {
        case .folder(let path): return .path(text.hasSuffix("/") && path != "/" ? path + "/" : path)
        case .named(let text): return try named(text, isNew)
        case .s3(let bucket): return .bucket(bucket, key: "")
        }
    }

    /// The same for a whole store: a bucket and a prefix, or a folder.
    package func store(_ text: String) throws(CommandError) -> StoreURL {
        switch try place(text) {
        case .path(let path): return .folder(path: path)
        case .server(let server): throw PlaceReader.lacksBucket(server.alias ?? text)
        case .bucket(var bucket, let key):
            bucket.prefix = StoreURL.trimmed(key)
            return .s3(bucket)
        }
    }

    static func lacksBucket(_ alias: String) -> CommandError {
        .usage(
            "'\(alias)' names a server, not a bucket", advice: "Name one of its buckets: \(alias)/BUCKET",
            "See which there are: martlet bucket ls \(alias)")
    }

    /// `s3://?endpoint=…` is the server.
    private func bucketURL(_ rest: Substring) throws(CommandError) -> StorePlace {
        if rest.isEmpty || rest.hasPrefix("?") {
            var (server, _) = try StoreURL.bucketURL("server" + rest)
            server.bucket = ""
            return .server(server)
        }
        let (bucket, key) = try StoreURL.bucketURL(rest)
        return .bucket(bucket, key: key)
    }

    private func named(_ text: String, _ isNew: Bool) throws(CommandError) -> StorePlace {
        let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard try aliases.entry(parts[0]) != nil else { return .path(try path(text, alias: parts[0], isNew)) }
        guard parts.count > 1, !parts[1].isEmpty else { return .server(StoreURL.S3Bucket(bucket: "", alias: parts[0])) }
        if let fault = BucketName.fault(in: parts[1]) { throw .usage("'\(parts[1])' is no bucket: \(fault)") }
        return .bucket(StoreURL.S3Bucket(bucket: parts[1], alias: parts[0]), key: parts.count > 2 ? parts[2] : "")
    }

    private func path(_ text: String, alias: String, _ isNew: Bool) throws(CommandError) -> String {
        if pathExists(text) || isNew && pathExists(PlaceReader.folder(of: text)) { return text }
        let names = try aliases.entries().map(\.name)
        throw CommandError(
            .usage,
            "'\(text)' is neither a path here nor in a store: there is no alias '\(alias)'."
                + Suggestion.sentence(for: alias, in: names),
            advice: [
                "For a folder write './\(text)'; for a bucket 's3://\(text)'; make an alias with "
                    + "'martlet alias set \(StoreAlias.isName(alias) ? alias : "NAME") https://HOST:PORT'."
            ])
    }

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
