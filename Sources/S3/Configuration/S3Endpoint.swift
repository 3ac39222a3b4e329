import ObjectStorage

/// Where requests go: scheme, host, and whether the bucket stands in the host or in the path.
struct S3Endpoint: Sendable, Hashable {
    let isSecure: Bool
    /// Host and, unless it is the scheme's own, port. With the bucket if it stands here.
    let authority: String
    /// The same without the bucket: where requests go that are for no bucket.
    let serverAuthority: String
    /// What comes before the key: `/`, or `/bucket/`; `/` for the server itself.
    let root: String

    var scheme: String { isSecure ? "https" : "http" }

    /// - Parameter bucket: empty for the server itself.
    /// - Throws: `.invalid` for an endpoint that is no `http` or `https` URL of a host alone, or an impossible bucket name.
    init(
        url: String?, bucket: String, region: String, addressing: S3Configuration.Addressing
    ) throws(StoreError) {
        let url = url ?? "https://s3.\(region).amazonaws.com"
        let parts = try S3Endpoint.parse(url)
        let isName = bucket.utf8.allSatisfy { byte in
            Character(Unicode.Scalar(byte)).isLetter && byte < 0x80 || (0x30...0x39).contains(byte)
                || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_")].contains(byte)
        }
        guard bucket.isEmpty || (3...255).contains(bucket.utf8.count), isName else {
            throw StoreError(
                .invalid, "'\(bucket)' is no name of a bucket: 3 to 63 letters, digits, dots and hyphens")
        }
        isSecure = parts.isSecure
        let host = parts.authority.split(separator: ":").first.map(String.init) ?? ""
        serverAuthority = parts.authority
        guard !bucket.isEmpty else {
            authority = parts.authority
            root = "/"
            return
        }
        let isVirtual =
            switch addressing {
            case .path: false
            case .virtualHost: true
            // A dot in the bucket would not match Amazon's certificate.
            case .automatic:
                (host.hasSuffix(".amazonaws.com") || host == "storage.googleapis.com")
                    && !(parts.isSecure && bucket.contains("."))
            }
        authority = isVirtual ? "\(bucket).\(parts.authority)" : parts.authority
        root = isVirtual ? "/" : "/\(bucket)/"
    }

    /// The path of `key`, or of the bucket itself.
    func path(_ key: ObjectKey?) -> String {
        // The bucket without a slash at the end in path style: servers differ in whether they take one.
        guard let key else { return root == "/" ? "/" : String(root.dropLast()) }
        return root + KeyEncoding.path(key)
    }

    private static func parse(_ url: String) throws(StoreError) -> (isSecure: Bool, authority: String) {
        let isSecure = url.lowercased().hasPrefix("https://")
        guard isSecure || url.lowercased().hasPrefix("http://") else {
            throw StoreError(.invalid, "the endpoint of the store must begin with http:// or https://")
        }
        var authority = url.dropFirst(isSecure ? 8 : 7).lowercased()
        if authority.hasSuffix("/") { authority.removeLast() }
        let ownPort = isSecure ? ":443" : ":80"
        if authority.hasSuffix(ownPort) { authority.removeLast(ownPort.count) }
        guard !authority.isEmpty, !authority.contains(where: { "/?#@".contains($0) || $0.isWhitespace }) else {
            throw StoreError(
                .invalid, "the endpoint must be http(s)://HOST[:PORT] and nothing more; keys belong elsewhere")
        }
        return (isSecure, authority)
    }
}
