/// Where a repository is, as restic's users write it.
package enum RepositoryLocation {
    /// Reads our own forms and restic's: `local:PATH`, `s3:https://HOST:PORT/BUCKET/PREFIX`, `s3:HOST/BUCKET`.
    ///
    /// `s3://BUCKET/PREFIX` is ours: the first part is a bucket, never a host.
    /// - Throws: `.usage`
    package static func parse(_ text: String) throws(CommandError) -> StoreURL {
        if text.hasPrefix("local:") { return .folder(path: try path(text.dropFirst(6), of: text)) }
        if text.hasPrefix("s3:"), !text.hasPrefix("s3://") { return try bucket(text.dropFirst(3)) }
        for scheme in ["sftp", "rest", "swift", "b2", "azure", "gs", "rclone"] where text.hasPrefix(scheme + ":") {
            throw .usage(
                "repositories of the kind '\(scheme):' cannot be opened",
                advice: "Folders and S3 can: '/DIR', 's3://BUCKET/PREFIX?endpoint=https://HOST:PORT'.")
        }
        return try StoreURL(parsing: text)
    }

    private static func path(_ path: Substring, of text: String) throws(CommandError) -> String {
        guard !path.isEmpty else { throw .usage("'\(text)' names no folder") }
        let isPath = path.hasPrefix("/") || path.hasPrefix("./") || path.hasPrefix("../")
        return isPath ? String(path) : "./\(path)"
    }

    /// `https://HOST:PORT/BUCKET/PREFIX`, the scheme left out for https.
    private static func bucket(_ text: Substring) throws(CommandError) -> StoreURL {
        var scheme = "https://"
        var rest = text
        for known in ["https://", "http://"] where rest.lowercased().hasPrefix(known) {
            scheme = known
            rest = rest.dropFirst(known.count)
        }
        let parts = rest.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 2, !parts[0].isEmpty, !parts[1].isEmpty, !parts[0].contains("@") else {
            throw .usage(
                "'s3:' is followed by a host and a bucket: s3:https://HOST:PORT/BUCKET/PREFIX",
                advice: "Keys come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
        }
        let isAmazon = parts[0] == "s3.amazonaws.com"
        var location = StoreURL.S3Bucket(bucket: parts[1], prefix: parts.count == 3 ? trimmed(parts[2]) : "")
        location.endpoint = isAmazon ? nil : scheme + parts[0]
        location.usesPathStyle = isAmazon ? nil : true
        // What our own form refuses is refused here too.
        return try StoreURL(parsing: StoreURL.s3(location).description)
    }

    private static func trimmed(_ prefix: String) -> String {
        prefix.split(separator: "/").joined(separator: "/")
    }
}
