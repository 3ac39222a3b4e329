import GRDB
package import ObjectStorage

/// One copy, as the index knows it.
package struct IndexEntry: Sendable, Hashable {
    package var key: ObjectKey
    /// Of the source when it was copied.
    package var size: Int64
    package var tag: String?
    /// Of the copy.
    package var targetTag: String?
    /// Of the copy, on targets that keep versions.
    package var targetVersion: String?

    package init(
        key: ObjectKey, size: Int64, tag: String?, targetTag: String?, targetVersion: String? = nil
    ) {
        self.key = key
        self.size = size
        self.tag = tag
        self.targetTag = targetTag
        self.targetVersion = targetVersion
    }

    /// The copy of `source` that lies at the target as `target`.
    package init(source: ObjectInfo, target: ObjectInfo) {
        self.init(
            key: source.key, size: source.size, tag: source.etag, targetTag: target.etag,
            targetVersion: target.versionID)
    }

    /// The source as it was.
    package var source: ObjectInfo { ObjectInfo(key: key, size: size, etag: tag) }
}

package enum IndexChange: Sendable, Hashable {
    case copied(IndexEntry)
    case gone(ObjectKey)

    var key: ObjectKey {
        switch self {
        case .copied(let entry): entry.key
        case .gone(let key): key
        }
    }

    var entry: IndexEntry? {
        switch self {
        case .copied(let entry): entry
        case .gone: nil
        }
    }
}

extension IndexEntry {
    /// Of `key, size, tag, target_tag, version`; a target tag equal to the source's is left out on disk.
    init?(_ row: Row) {
        guard let key = ObjectKey(row[0] as String) else { return nil }
        let tag: String? = row[2]
        self.init(key: key, size: row[1], tag: tag, targetTag: row[3] as String? ?? tag, targetVersion: row[4])
    }

    func write(with statement: Statement) throws {
        statement.setUncheckedArguments([key.text, size, tag, targetTag == tag ? nil : targetTag, targetVersion])
        try statement.execute()
    }
}
