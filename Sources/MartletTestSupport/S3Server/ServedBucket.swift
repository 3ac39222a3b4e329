internal import Basics
internal import NIOCore
internal import ObjectStorage

/// One version of an object in an `S3TestServer`, or the marker of a delete.
struct ServedVersion: Sendable {
    var id = "null"
    var isMarker = false
    var bytes = ByteBuffer()
    var etag = ""
    var modified = Timestamp(seconds: 0)
    /// What an answer gives back as it came: the content type and its like, and user metadata. Names in lower case.
    var headers: [ServedField] = []
    /// As `x-amz-tagging` has them: `a=b&c=d`; empty for none.
    var tags: [ServedField] = []
    var storageClass: String?
    /// In bytes; empty for an object that came in one piece.
    var partSizes: [Int] = []
    var lockMode: String?
    var lockedUntil: String?
    var isHeld = false
}

struct ServedField: Sendable, Hashable {
    let name: String
    let value: String
}

/// Parts that were sent and not yet joined.
struct ServedUpload: Sendable {
    let id: String
    let key: ObjectKey
    let began: Timestamp
    var model: ServedVersion
    var parts: [Int: ServedPart] = [:]
}

struct ServedPart: Sendable {
    let bytes: ByteBuffer
    let etag: String
    let modified: Timestamp
}

/// A bucket: plain data, all of it in memory.
struct ServedBucket: Sendable {
    enum Versioning: String, Sendable {
        case never = ""
        case enabled = "Enabled"
        case suspended = "Suspended"
    }

    let name: String
    var versioning = Versioning.never
    var hasObjectLock = false
    var uploads: [String: ServedUpload] = [:]
    /// All keys that have a version, in the order of their bytes.
    private(set) var keys: [ObjectKey] = []
    /// Newest first, never empty.
    private(set) var versions: [ObjectKey: [ServedVersion]] = [:]

    init(name: String) { self.name = name }

    /// What a read without a version finds; nil where nothing or a marker is newest.
    func current(_ key: ObjectKey) -> ServedVersion? {
        versions[key]?.first.flatMap { $0.isMarker ? nil : $0 }
    }

    func version(_ id: String, of key: ObjectKey) -> ServedVersion? { versions[key]?.first { $0.id == id } }

    /// Puts `version` on top, under an id that the versioning of the bucket asks for.
    mutating func write(_ version: ServedVersion, at key: ObjectKey, freshID: String) -> ServedVersion {
        var version = version
        version.id = versioning == .enabled ? freshID : "null"
        var all = versions[key] ?? []
        // A write without versioning replaces what was written without it, and nothing else.
        if version.id == "null" { all.removeAll { $0.id == "null" } }
        all.insert(version, at: 0)
        set(all, at: key)
        return version
    }

    /// Changes the version with that id in place.
    mutating func replace(_ version: ServedVersion, at key: ObjectKey) {
        guard let index = versions[key]?.firstIndex(where: { $0.id == version.id }) else { return }
        versions[key]?[index] = version
    }

    /// Removes one version for good; nil if there is none.
    mutating func remove(_ id: String, of key: ObjectKey) -> ServedVersion? {
        guard var all = versions[key], let index = all.firstIndex(where: { $0.id == id }) else { return nil }
        let removed = all.remove(at: index)
        set(all, at: key)
        return removed
    }

    private mutating func set(_ all: [ServedVersion], at key: ObjectKey) {
        let known = versions[key] != nil
        versions[key] = all.isEmpty ? nil : all
        guard known == all.isEmpty else { return }
        let index = firstIndex(atOrAfter: key)
        if all.isEmpty { keys.remove(at: index) } else { keys.insert(key, at: index) }
    }

    /// Where `key` stands or would stand.
    func firstIndex(atOrAfter key: ObjectKey) -> Int { index { !($0 < key) } }

    /// The first index whose key satisfies `predicate`, which is false for a while and then true to the end.
    func index(where predicate: (ObjectKey) -> Bool) -> Int {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if predicate(keys[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
