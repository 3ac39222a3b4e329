import Basics
import ObjectStorage

/// Which of the states that a store keeps a command looks at.
enum VersionView: Sendable, Hashable {
    case latest
    /// Every version and delete marker.
    case all
    /// The newest version of each key at that instant, by the store's clock.
    case at(Timestamp)
}

/// One line of a listing.
struct ListedEntry: Sendable {
    enum Kind: Sendable { case object, prefix, deleteMarker }

    var kind: Kind
    /// The key, or the common prefix with its slash.
    var key: String
    /// Size 0 for prefixes and delete markers.
    var size: Int64 = 0
    var modified: Timestamp?
    var etag: String?
    var storageClass: String?
    var versionID: String?
    /// 1 for the oldest version that is kept; nil where versions are not listed.
    var ordinal: Int?
    var isLatest = true

    init(prefix: String) {
        kind = .prefix
        key = prefix
    }

    init(_ info: ObjectInfo, kind: Kind = .object) {
        self.kind = kind
        key = info.key.text
        size = info.size
        modified = info.lastModified
        etag = info.etag
        versionID = info.versionID
        storageClass = info.storageClass
    }
}

/// What lies in a store beneath a prefix, page by page: memory is a page, and for versions those of one key.
struct ObjectListing: Sendable {
    let store: any ObjectStore
    let prefix: String
    /// Goes into prefixes; else each is one entry. Versions are always listed through all levels and folded here.
    var isRecursive: Bool
    var view = VersionView.latest
    /// Only keys that match.
    var glob: KeyGlob?

    /// Calls `body` with each entry, in the order of the keys, versions newest first.
    func forEach(_ body: (ListedEntry) async throws -> Void) async throws {
        switch view {
        case .latest: try await forEachLatest(body)
        case .all, .at: try await forEachVersion(body)
        }
    }

    private func forEachLatest(_ body: (ListedEntry) async throws -> Void) async throws {
        var request = ListRequest(prefix: prefix, delimiter: isRecursive ? nil : "/")
        repeat {
            let page = try await store.list(request)
            for entry in entries(of: page) where glob?.matches(entry.key) ?? true { try await body(entry) }
            request.continuationToken = page.nextToken
        } while request.continuationToken != nil
    }

    /// Keys and prefixes of a page, merged.
    private func entries(of page: ListPage) -> [ListedEntry] {
        guard !page.commonPrefixes.isEmpty else { return page.objects.map { ListedEntry($0) } }
        return (page.objects.map { ListedEntry($0) } + page.commonPrefixes.map(ListedEntry.init(prefix:)))
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    private func forEachVersion(_ body: (ListedEntry) async throws -> Void) async throws {
        var request = VersionListRequest(prefix: prefix)
        var sameKey: [ObjectVersion] = []
        var folds = FoldedPrefixes(prefix: prefix)
        while true {
            let page = try await store.features.listVersions(request)
            for version in page.versions {
                if let first = sameKey.first, first.info.key != version.info.key {
                    try await tell(sameKey, &folds, body)
                    sameKey = []
                }
                sameKey.append(version)
            }
            guard let next = page.next else { break }
            request.marker = next
        }
        try await tell(sameKey, &folds, body)
    }

    private func tell(
        _ versions: [ObjectVersion], _ folds: inout FoldedPrefixes, _ body: (ListedEntry) async throws -> Void
    ) async throws {
        let chosen = VersionChoice.entries(versions, view)
        guard let first = chosen.first, glob?.matches(first.key) ?? true else { return }
        if !isRecursive, let fold = folds.fold(first.key) {
            if let entry = fold.new { try await body(entry) }
            return
        }
        for entry in chosen { try await body(entry) }
    }
}

/// Which versions of one key a view shows. Pure.
enum VersionChoice {
    /// - Parameter versions: of one key, newest first.
    static func entries(_ versions: [ObjectVersion], _ view: VersionView) -> [ListedEntry] {
        switch view {
        case .all: return versions.enumerated().map { entry($1, ordinal: versions.count - $0) }
        case .latest: return versions.first.map { $0.isDeleteMarker ? [] : [entry($0, ordinal: nil)] } ?? []
        case .at(let instant):
            guard let newest = versions.first(where: { ($0.info.lastModified ?? instant) <= instant }),
                !newest.isDeleteMarker
            else { return [] }
            return [entry(newest, ordinal: nil)]
        }
    }

    private static func entry(_ version: ObjectVersion, ordinal: Int?) -> ListedEntry {
        var entry = ListedEntry(version.info, kind: version.isDeleteMarker ? .deleteMarker : .object)
        entry.ordinal = ordinal
        entry.isLatest = version.isLatest
        return entry
    }
}

/// Folds keys into the prefixes of the next level, each told once; keys come in order.
private struct FoldedPrefixes {
    let prefix: String
    var last: String?

    /// Nil for a key of this level itself; else the entry of its prefix, if it was not told before.
    mutating func fold(_ key: String) -> (new: ListedEntry?, Void)? {
        let rest = key.utf8.dropFirst(prefix.utf8.count)
        guard let slash = rest.firstIndex(of: UInt8(ascii: "/")) else { return nil }
        let folded = String(decoding: key.utf8[..<key.utf8.index(after: slash)], as: UTF8.self)
        defer { last = folded }
        return (folded == last ? nil : ListedEntry(prefix: folded), ())
    }
}
