package import Basics

/// Which bucket this is: one that was removed and made again under the same name is another.
package struct BucketIdentity: Sendable, Hashable {
    /// Of the bucket; nil where the store does not tell.
    package var createdAt: Timestamp?
    /// Of the server or cluster behind it, as it calls itself; nil where it does not tell.
    package var deploymentID: String?

    package init(createdAt: Timestamp? = nil, deploymentID: String? = nil) {
        self.createdAt = createdAt
        self.deploymentID = deploymentID
    }
}

package enum BucketVersioning: String, Sendable, CaseIterable {
    /// Never switched on: a put destroys what was there.
    case never
    case enabled
    /// Switched off again: older versions stay, new puts replace the version `null`.
    case suspended
}

/// A bucket's object lock, and the retention that new versions get by themselves.
package struct BucketLock: Sendable, Hashable {
    package var mode: ObjectRetention.Mode?
    /// Nil if new versions are not locked unless somebody says so.
    package var defaultRetention: Duration?

    package init(mode: ObjectRetention.Mode? = nil, defaultRetention: Duration? = nil) {
        self.mode = mode
        self.defaultRetention = defaultRetention
    }
}

package struct ObjectRetention: Sendable, Hashable {
    package enum Mode: String, Sendable, CaseIterable {
        /// May be lifted by who has a special right.
        case governance = "GOVERNANCE"
        /// Nobody can lift it.
        case compliance = "COMPLIANCE"
    }

    package var mode: Mode
    package var until: Timestamp

    package init(mode: Mode, until: Timestamp) {
        self.mode = mode
        self.until = until
    }
}

/// One version of one key.
package struct VersionName: Sendable, Hashable {
    package var key: ObjectKey
    /// `null` for what was written before versioning was switched on.
    package var versionID: String

    package init(key: ObjectKey, versionID: String) {
        self.key = key
        self.versionID = versionID
    }
}

/// A version or a delete marker, as a listing tells of it.
package struct ObjectVersion: Sendable, Hashable {
    /// With `versionID`; size 0 and no tag for a delete marker.
    package var info: ObjectInfo
    package var isLatest: Bool
    package var isDeleteMarker: Bool

    package init(info: ObjectInfo, isLatest: Bool, isDeleteMarker: Bool) {
        self.info = info
        self.isLatest = isLatest
        self.isDeleteMarker = isDeleteMarker
    }
}

package struct VersionListRequest: Sendable, Hashable {
    package var prefix: String
    /// The place from the page before: both, or neither at the beginning.
    package var marker: VersionMarker?
    /// 1 to 1,000.
    package var pageSize: Int

    package init(prefix: String = "", marker: VersionMarker? = nil, pageSize: Int = 1000) {
        self.prefix = prefix
        self.marker = marker
        self.pageSize = pageSize
    }
}

/// Where a listing of versions goes on.
package struct VersionMarker: Sendable, Hashable {
    package var key: ObjectKey
    /// Nil to go on behind all versions of `key`.
    package var versionID: String?

    package init(key: ObjectKey, versionID: String? = nil) {
        self.key = key
        self.versionID = versionID
    }
}

package struct VersionListPage: Sendable, Hashable {
    package var versions: [ObjectVersion]
    /// Nil on the last page.
    package var next: VersionMarker?

    package init(versions: [ObjectVersion], next: VersionMarker? = nil) {
        self.versions = versions
        self.next = next
    }
}

package struct CopyRequest: Sendable, Hashable {
    package var source: ObjectKey
    package var sourceVersionID: String?
    /// Fails with `.preconditionFailed` if the source has another tag by now.
    package var sourceIfMatch: String?
    package var target: ObjectKey
    /// Nil keeps content type, metadata, headers and tags of the source; a value replaces them all. Required for a copy
    /// onto itself.
    package var replacement: PutOptions?

    package init(
        source: ObjectKey, sourceVersionID: String? = nil, sourceIfMatch: String? = nil, target: ObjectKey,
        replacement: PutOptions? = nil
    ) {
        self.source = source
        self.sourceVersionID = sourceVersionID
        self.sourceIfMatch = sourceIfMatch
        self.target = target
        self.replacement = replacement
    }
}

/// An upload that was begun and has not ended.
package struct OpenUpload: Sendable, Hashable {
    package var key: ObjectKey
    package var id: String
    package var begunAt: Timestamp?

    package init(key: ObjectKey, id: String, begunAt: Timestamp? = nil) {
        self.key = key
        self.id = id
        self.begunAt = begunAt
    }
}
