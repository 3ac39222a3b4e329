import Basics
import KubernetesModel

/// A file of aliases in the form of mc's `config.json`; Martlet's own has the same form, so that either reads the other's.
package struct AliasFile: Sendable, Hashable {
    package private(set) var aliases: [String: StoreAlias]
    /// What else stands in the file, kept when it is written again.
    private var document: JSONValue

    package init() {
        aliases = [:]
        document = ["version": "10", "aliases": [:]]
    }

    /// Reads mc's format of version 10 (`aliases`, `path`) and the ones before it (`hosts`, `lookup`). Entries without a
    /// usable URL or with keys of another kind are left out: mc's own file comes with examples.
    /// - Throws: what is wrong with the file, in one line; never a value out of it.
    package init(parsing bytes: [UInt8]) throws {
        document = try JSONValue(parsing: bytes)
        let entries = document["aliases"]?.object ?? document["hosts"]?.object ?? [:]
        aliases = entries.compactMapValues(AliasFile.alias)
    }

    private static func alias(_ entry: JSONValue) -> StoreAlias? {
        guard var url = entry["url"]?.string else { return nil }
        if url.hasSuffix("/") { url.removeLast() }
        let way = entry["path"]?.string ?? entry["lookup"]?.string ?? ""
        guard StoreAlias.fault(inURL: url) == nil, let addressing = StoreAlias.Addressing(word: way) else { return nil }
        return StoreAlias(
            url: url, accessKey: entry["accessKey"]?.string ?? "", secretKey: Secret(entry["secretKey"]?.string ?? ""),
            sessionToken: entry["sessionToken"]?.string.flatMap { $0.isEmpty ? nil : Secret($0) },
            addressing: addressing)
    }

    package mutating func set(_ name: String, _ alias: StoreAlias) {
        aliases[name] = alias
        var entry = document["aliases", name] ?? .object([:])
        entry["url"] = .string(alias.url)
        entry["accessKey"] = .string(alias.accessKey)
        entry["secretKey"] = .string(alias.secretKey.reveal())
        entry["sessionToken"] = alias.sessionToken.map { .string($0.reveal()) }
        entry["api"] = "S3v4"
        entry["path"] = .string(alias.addressing.rawValue)
        document["aliases", name] = entry
    }

    /// False if there was none of that name.
    package mutating func remove(_ name: String) -> Bool {
        guard aliases.removeValue(forKey: name) != nil else { return false }
        document["aliases", name] = nil
        return true
    }

    /// The file's content. It holds secrets: for a file that only its owner reads.
    package var bytes: [UInt8] { Array(document.prettyPrinted().utf8) }
}
