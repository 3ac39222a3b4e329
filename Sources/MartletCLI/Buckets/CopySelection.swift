import Basics
import ObjectStorage

/// What of one source is copied, and what each copy is called beneath the target.
struct CopySelection: Sendable {
    let source: LocatedPlace
    let glob: KeyGlob
    let isRecursive: Bool
    let view: VersionView
    var versionID: String?
    /// Stands before the copies' names: `cp -r DIR TO` makes `TO/DIR`.
    var folderName: String?
    var takes: @Sendable (ListedEntry) -> Bool = { _ in true }

    /// Whether it is exactly one object, whose copy may get another name.
    var isSingle: Bool { glob.isPlain && !isRecursive }

    /// The key of the single object.
    var singleKey: String { glob.prefix }

    /// What keys are shortened by to get the names of the copies.
    private var baseLength: Int {
        if isRecursive, glob.isPlain {
            // Within a folder-like prefix names begin behind it; a bare beginning of keys counts from its level.
            let prefix = listedPrefix
            return prefix.utf8.lastIndex(of: UInt8(ascii: "/")).map { prefix.utf8[...$0].count } ?? 0
        }
        return glob.prefix.utf8.lastIndex(of: UInt8(ascii: "/")).map { glob.prefix.utf8[...$0].count } ?? 0
    }

    /// With -r, `DIR` means what is in it, not what is called `DIRECTORY`.
    var listedPrefix: String {
        guard isRecursive, glob.isPlain, !glob.prefix.isEmpty, !glob.prefix.hasSuffix("/") else { return glob.prefix }
        return glob.prefix + "/"
    }

    func name(of key: String) -> String {
        let rest = String(decoding: key.utf8.dropFirst(baseLength), as: UTF8.self)
        return folderName.map { "\($0)/\(rest)" } ?? rest
    }

    var listing: ObjectListing {
        ObjectListing(
            store: source.store, prefix: listedPrefix, isRecursive: true, view: view, glob: glob.isPlain ? nil : glob)
    }

    /// The last word of `DIR`; nil for `DIR/`, `.` and whole buckets, whose content is meant.
    static func folderName(of source: LocatedPlace, typed: String) -> String? {
        let key: Substring
        switch source.place {
        case .bucket: key = source.key[...]
        case .path(let path): key = path[...]
        case .server: return nil
        }
        guard !key.isEmpty, !key.hasSuffix("/"), KeyGlob(String(key)).isPlain else { return nil }
        let name = key.split(separator: "/").last.map(String.init)
        return name == "." || name == ".." ? nil : name
    }
}

/// Where copies go.
struct CopyTarget: Sendable {
    let store: any ObjectStore
    let place: StorePlace
    /// What the copies' names are put behind; or, if `isExact`, the key of the one copy.
    let key: String
    let isExact: Bool

    /// - Parameter takesMany: several sources; then the target must be something to put into.
    init(_ text: String, in stores: StoreAccess, takesMany: Bool) async throws {
        place = try stores.places.place(text, mayBeNew: true)
        switch place {
        case .server(let server): throw PlaceReader.lacksBucket(server.alias ?? text)
        case .bucket(let bucket, let key):
            store = try await stores.bucket(bucket)
            var isInto = place.isContainer || takesMany
            if !isInto { isInto = try await CopyTarget.hasObjects(beneath: key, in: store) }
            isExact = !isInto
            self.key = key.isEmpty || key.hasSuffix("/") || !isInto ? key : key + "/"
        case .path(let path):
            if place.isContainer || takesMany || stores.kind(path) == .folder {
                store = try stores.folder(CopyTarget.withoutSlash(path), true)
                (key, isExact) = ("", false)
            } else {
                store = try stores.folder(PlaceReader.folder(of: path), true)
                (key, isExact) = (path.split(separator: "/").last.map(String.init) ?? path, true)
            }
        }
    }

    /// Whether people would call `key` a folder there.
    private static func hasObjects(beneath key: String, in store: any ObjectStore) async throws -> Bool {
        !(try await store.list(ListRequest(prefix: key + "/", pageSize: 1)).objects.isEmpty)
    }

    private static func withoutSlash(_ path: String) -> String {
        path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    /// The key of a copy called `name`.
    /// - Parameter isSingle: it is the only copy.
    func key(for name: String, isSingle: Bool) -> String {
        if isExact { return isSingle ? key : "\(key)/\(name)" }
        return key + name
    }
}
