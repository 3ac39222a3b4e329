import Basics
package import BucketMirror
import ClusterBackup
import KubernetesModel
import ObjectStorage

/// The file of `--config`: stores with their keys by reference, and any number of pairs.
package struct MirrorConfiguration: Sendable, Hashable {
    /// One pair. What is nil is as the command line says.
    package struct Entry: Sendable, Hashable {
        package var name: String?
        package var source: String
        package var target: String
        package var overwrite: Bool?
        package var remove: Bool?
        package var exclude: [String] = []
        package var history: HistoryMode?
        package var storageClass: String?
        package var workers: Int?
        package var settle: Duration?
        package var scanInterval: Duration?
        package var index: String?
        package var events: EventChoice?

        package init(source: String, target: String) {
            self.source = source
            self.target = target
        }
    }

    package var stores: [String: StoreAlias] = [:]
    package var entries: [Entry] = []
    package var listen: String?
    /// A folder for one index for each pair.
    package var state: String?

    private static let keys = ["stores", "mirrors", "listen", "state"]

    /// - Throws: `.usage` with what is wrong; never a value that may be a secret.
    init(path: String, in context: CommandContext) throws {
        let bytes: [UInt8]
        do {
            guard let content = try context.aliases.read(path) else {
                throw CommandError.usage("there is no file '\(path)'")
            }
            bytes = content
        } catch let error as CommandError {
            throw error
        } catch {
            throw CommandError(.usage, "'\(path)' cannot be read", cause: error)
        }
        do {
            try self.init(parsing: String(decoding: bytes, as: UTF8.self)) { reference throws(CommandError) in
                try reference.value(in: context)
            }
        } catch {
            throw CommandError(.usage, "the mirrors in '\(path)' are not usable", cause: error)
        }
    }

    /// - Parameter lookUp: reads the variable or file that a secret is kept in.
    package init(
        parsing text: String, lookUp: (SecretReference) throws(CommandError) -> String
    ) throws {
        let document = try YAMLDocument.json(text)
        let fields = try ConfigurationFields(document, in: "the file", known: MirrorConfiguration.keys)
        listen = try fields.text("listen")
        state = try fields.text("state")
        for (name, value) in try fields.members("stores") {
            guard StoreAlias.isName(name) else { throw CommandError.usage("'\(name)' cannot be the name of a store") }
            stores[name] = try MirrorConfiguration.store(value, "store '\(name)'", lookUp)
        }
        for (index, value) in try fields.list("mirrors").enumerated() {
            entries.append(try MirrorConfiguration.entry(value, "mirror \(index + 1)", lookUp))
        }
        guard !entries.isEmpty else { throw CommandError.usage("it has no 'mirrors'") }
        let names = entries.map { $0.name ?? $0.source }
        if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw CommandError.usage(
                "two mirrors are called '\(twice)'", advice: "Give each a name of its own: 'name: …'.")
        }
    }

    private static func store(
        _ value: JSONValue, _ place: String, _ lookUp: (SecretReference) throws(CommandError) -> String
    ) throws(CommandError) -> StoreAlias {
        let fields = try ConfigurationFields(
            value, in: place, known: ["url", "accessKey", "secretKey", "sessionToken", "path"])
        var url = try fields.text("url") ?? ""
        if url.hasSuffix("/") { url.removeLast() }
        if let fault = StoreAlias.fault(inURL: url) { throw .usage("the url of \(place) is wrong: \(fault)") }
        guard let addressing = StoreAlias.Addressing(word: try fields.word("path") ?? "auto") else {
            throw .usage("'path' of \(place) is auto, on or off")
        }
        return try fields.keys(url: url, addressing, place, lookUp)
    }

    private static func entry(
        _ value: JSONValue, _ place: String, _ lookUp: (SecretReference) throws(CommandError) -> String
    ) throws(CommandError) -> Entry {
        let fields = try ConfigurationFields(
            value, in: place,
            known: [
                "name", "source", "target", "overwrite", "remove", "exclude", "history", "storageClass", "workers",
                "settle", "scanInterval", "index", "events",
            ])
        guard let source = try fields.text("source"), let target = try fields.text("target") else {
            throw .usage("\(place) needs 'source' and 'target'")
        }
        var entry = Entry(source: source, target: target)
        entry.name = try fields.text("name")
        entry.overwrite = try fields.flag("overwrite") ?? true
        entry.remove = try fields.flag("remove")
        entry.exclude = try fields.texts("exclude")
        if let word = try fields.text("history") {
            guard let mode = HistoryMode(rawValue: word) else {
                throw .usage("'history' of \(place) is full, automatic or off, not '\(word)'")
            }
            entry.history = mode
        }
        entry.storageClass = try fields.text("storageClass")
        entry.workers = try fields.number("workers", in: 1...1024)
        entry.settle = try fields.span("settle")
        entry.scanInterval = try fields.span("scanInterval")
        entry.index = try fields.text("index")
        entry.events = try EventChoice(fields.value("events"), in: place, lookUp)
        return entry
    }

    /// The pairs, each with the place of its index.
    var located: [Entry] {
        entries.map { entry in
            var entry = entry
            if entry.index == nil, let state { entry.index = "\(state)/\(MirrorConfiguration.fileName(entry)).sqlite" }
            return entry
        }
    }

    /// A pair's name without what cannot stand in a file's.
    private static func fileName(_ entry: Entry) -> String {
        String((entry.name ?? entry.source).map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "_" })
    }
}

extension MirrorConfiguration.Entry {
    func apply(to options: inout MirrorOptions) {
        if let overwrite { options.overwrites = overwrite }
        if let remove { options.deletes = remove ? .propagate : .keep }
        options.selection.excluded += exclude
        if let history { options.history = history }
        if let storageClass { options.storageClass = storageClass }
        if let workers { options.workers = workers }
    }

    func apply(to options: inout WatchOptions) {
        if let settle { options.settle = settle }
        if let scanInterval { options.scanInterval = scanInterval }
    }
}
