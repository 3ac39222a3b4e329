package import ResticFormat

/// What snapshots have in common that belong together: the same machine, the same folders.
package struct SnapshotGrouping: Sendable, Hashable {
    package var byHost: Bool
    package var byPaths: Bool
    package var byTags: Bool

    package init(byHost: Bool = true, byPaths: Bool = true, byTags: Bool = false) {
        self.byHost = byHost
        self.byPaths = byPaths
        self.byTags = byTags
    }

    /// `host,paths,tags`, each at most once and in any order; an empty text for one group of all. Nil for anything else.
    package init?(_ text: String) {
        self.init(byHost: false, byPaths: false)
        for word in text.split(separator: ",") {
            switch word {
            case "host", "hosts": byHost = true
            case "path", "paths": byPaths = true
            case "tag", "tags": byTags = true
            default: return nil
            }
        }
    }

    package func key(_ snapshot: SnapshotFile) -> SnapshotGroupKey {
        SnapshotGroupKey(
            hostname: byHost ? snapshot.hostname : "", paths: byPaths ? snapshot.paths.sorted() : [],
            tags: byTags ? snapshot.tags.sorted() : [])
    }

    /// The groups, each with its snapshots in their order; groups by host, paths, tags.
    package func groups(_ snapshots: [StoredSnapshot]) -> [(key: SnapshotGroupKey, snapshots: [StoredSnapshot])] {
        Dictionary(grouping: snapshots) { key($0.snapshot) }
            .map { (key: $0.key, snapshots: $0.value) }
            .sorted { $0.key < $1.key }
    }
}

/// Empty where the grouping does not look.
package struct SnapshotGroupKey: Sendable, Hashable, Comparable {
    package let hostname: String
    package let paths: [String]
    package let tags: [String]

    package static func < (left: SnapshotGroupKey, right: SnapshotGroupKey) -> Bool {
        if left.hostname != right.hostname { return left.hostname < right.hostname }
        if left.paths != right.paths { return left.paths.lexicographicallyPrecedes(right.paths) }
        return left.tags.lexicographicallyPrecedes(right.tags)
    }
}
