package import Basics

/// A name for a store's server and the keys to it, as `mc` has them.
/// Source: mc's `config.json`, version 10, and its `MC_HOST_ALIAS` variables.
package struct StoreAlias: Sendable, Hashable {
    package enum Addressing: String, Sendable, Hashable, CaseIterable {
        /// The bucket in the host for Amazon and Google, in the path for everything else.
        case automatic = "auto"
        /// The bucket in the path.
        case path = "on"
        /// The bucket in the host.
        case virtualHost = "off"

        /// Reads the words of today's mc, and of its older `--lookup`.
        package init?(word: String) {
            switch word.lowercased() {
            case "", "auto": self = .automatic
            case "on", "path": self = .path
            case "off", "dns": self = .virtualHost
            default: return nil
            }
        }
    }

    /// `http://HOST[:PORT]` or `https://HOST[:PORT]`, without a slash at its end.
    package var url: String
    package var accessKey: String
    package var secretKey: Secret
    /// With credentials that end.
    package var sessionToken: Secret?
    package var addressing: Addressing
    /// Where keys are kept that may change while the program runs.
    package var keyFiles = KeyFiles()

    /// Paths of files with one key each; nil for a key that is kept otherwise.
    package struct KeyFiles: Sendable, Hashable {
        package var accessKey: String?
        package var secretKey: String?
        package var sessionToken: String?

        package init() {}

        package var isEmpty: Bool { accessKey == nil && secretKey == nil && sessionToken == nil }
    }

    package init(
        url: String, accessKey: String, secretKey: Secret, sessionToken: Secret? = nil,
        addressing: Addressing = .automatic
    ) {
        self.url = url
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
        self.addressing = addressing
    }

    /// Whether `text` can be a name: a letter, then letters, digits, `-` and `_`. Source: mc.
    package static func isName(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, isLetter(first) else { return false }
        return text.utf8.allSatisfy { byte in
            isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    /// What is wrong with `url` as an alias's, without the slash at its end; nil if nothing is. Never shows the text,
    /// which may hold keys.
    package static func fault(inURL url: String) -> String? {
        let lowered = url.lowercased()
        guard lowered.hasPrefix("http://") || lowered.hasPrefix("https://") else {
            return "it does not begin with http:// or https://"
        }
        let rest = url[url.firstRange(of: "://")!.upperBound...]
        if rest.contains("@") { return "it holds keys; they stand behind the URL, or are asked for" }
        if rest.isEmpty || rest.contains(where: { "/?#".contains($0) || $0.isWhitespace }) {
            return "it is a scheme, a host and a port, and nothing more"
        }
        return nil
    }

    /// What is wrong with the keys; nil if nothing is. Source: mc, which wants 3 and 8 characters.
    package var faultInKeys: String? {
        if accessKey.isEmpty, secretKey.isEmpty { return "no keys were given" }
        if accessKey.utf8.count < 3 { return "an access key has at least 3 characters" }
        if secretKey.reveal().utf8.count < 8 { return "a secret key has at least 8 characters" }
        return nil
    }
}
