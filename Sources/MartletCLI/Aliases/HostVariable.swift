import Basics

/// `MC_HOST_ALIAS=SCHEME://ACCESS:SECRET[:TOKEN]@HOST[:PORT]`, read as mc reads it: not by the rules of URLs.
///
/// The first colons separate the keys and the last `@` ends them; nothing is percent-decoded, so secrets may hold `/`, `+`,
/// `@` and `%`. A colon in a secret makes its rest a session token.
/// Source: mc, `^(https?://)(.*?):(.*?):(.*)@(.*?)$`, else `^(https?://)(.*?):(.*)@(.*?)$`.
package enum HostVariable {
    static let prefix = "MC_HOST_"

    /// Nil for a text that is none; the text itself must not be shown, it holds a secret.
    package static func parse(_ value: String) -> StoreAlias? {
        let lowered = value.lowercased()
        guard let scheme = ["http://", "https://"].first(where: lowered.hasPrefix) else { return nil }
        let rest = value.dropFirst(scheme.count)
        guard let at = rest.lastIndex(of: "@") else { return alias(scheme: scheme, host: rest, keys: []) }
        let keys = rest[..<at].split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard keys.count >= 2 else { return nil }
        return alias(scheme: scheme, host: rest[rest.index(after: at)...], keys: keys)
    }

    private static func alias(scheme: String, host: Substring, keys: [Substring]) -> StoreAlias? {
        var url = scheme + host
        if url.hasSuffix("/") { url.removeLast() }
        guard StoreAlias.fault(inURL: url) == nil else { return nil }
        return StoreAlias(
            url: url, accessKey: keys.isEmpty ? "" : String(keys[0]),
            secretKey: Secret(keys.isEmpty ? "" : String(keys[1])),
            sessionToken: keys.count == 3 ? Secret(String(keys[2])) : nil)
    }

    /// The lines `MC_HOST_ALIAS=…` of the file that `MC_CONFIG_ENV_FILE` names; other lines are for others.
    static func lines(_ bytes: [UInt8]) -> [String: String] {
        var variables: [String: String] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let parts = String(line).trimmed.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            var name = parts[0]
            if name.hasPrefix("export ") { name = name.dropFirst("export ".count) }
            guard name.hasPrefix(prefix) else { continue }
            variables[String(name)] = unquoted(parts[1])
        }
        return variables
    }

    private static func unquoted(_ text: Substring) -> String {
        for quote in ["\"", "'"] where text.count >= 2 && text.hasPrefix(quote) && text.hasSuffix(quote) {
            return String(text.dropFirst().dropLast())
        }
        return String(text)
    }
}
