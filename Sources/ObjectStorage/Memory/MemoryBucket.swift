import Basics
import NIOCore

/// A bucket in memory as plain data: no lock, no clock.
struct MemoryBucket: Sendable {
    struct Entry: Sendable {
        var info: ObjectInfo
        var bytes: ByteBuffer
        /// The lengths of the parts that it was uploaded in.
        var parts: [Int]?
        var tags: [String: String] = [:]
        var retention: ObjectRetention?
        var isDeleteMarker = false
    }

    struct Upload: Sendable {
        let key: ObjectKey
        let options: PutOptions
        let begunAt: Timestamp
        var parts: [Int: (tag: String, bytes: ByteBuffer)] = [:]
    }

    let location: String
    var versioning: BucketVersioning
    let lock: BucketLock?
    var uploads: [String: Upload] = [:]
    /// The versions of each key, the latest last; without versioning never more than one.
    private(set) var entries: [ObjectKey: [Entry]] = [:]
    /// The keys of `entries` in order.
    private(set) var keys: [ObjectKey] = []
    private var lastTag: UInt64 = 0

    init(location: String, versioning: BucketVersioning, lock: BucketLock?) {
        self.location = location
        self.versioning = versioning
        self.lock = lock
    }

    mutating func nextTag() -> String {
        lastTag += 1
        return "\(lastTag)"
    }

    /// The entry that a read finds; nil behind a delete marker.
    func entry(_ key: ObjectKey, versionID: String?) -> Entry? {
        let versions = entries[key] ?? []
        let found =
            versionID.map { wanted in versions.last { ($0.info.versionID ?? "null") == wanted } } ?? versions.last
        return found.flatMap { $0.isDeleteMarker ? nil : $0 }
    }

    mutating func put(
        _ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions, tag: String?, parts: [Int]?, now: Timestamp
    ) -> Result<ObjectInfo, StoreError> {
        if let refusal = options.condition.refusal(for: key, tag: entry(key, versionID: nil)?.info.etag, in: location) {
            return .failure(refusal)
        }
        if options.retention != nil, lock == nil {
            return .failure(StoreError(.unsupported, "\(location) has no object lock"))
        }
        let counted = nextTag()
        var info = ObjectInfo(
            key: key, size: Int64(bytes.readableBytes), etag: tag ?? counted, lastModified: now,
            contentType: options.contentType, metadata: options.metadata)
        info.headers = options.headers
        info.tagCount = options.tags.count
        info.storageClass = options.storageClass
        let standing = lock.flatMap { lock in
            lock.defaultRetention.map { ObjectRetention(mode: lock.mode ?? .governance, until: now + $0) }
        }
        add(
            Entry(
                info: info, bytes: bytes, parts: parts, tags: options.tags, retention: options.retention ?? standing))
        return .success(entries[key]?.last?.info ?? info)
    }

    mutating func delete(_ key: ObjectKey, at now: Timestamp) {
        if versioning == .never {
            if entries.removeValue(forKey: key) != nil { forget(key) }
            return
        }
        let info = ObjectInfo(key: key, size: 0, lastModified: now)
        add(Entry(info: info, bytes: ByteBuffer(), isDeleteMarker: true))
    }

    /// - Returns: why it may not go; nil if it went or was never there.
    mutating func deleteVersion(_ name: VersionName, at now: Timestamp) -> StoreError? {
        guard var versions = entries[name.key],
            let index = versions.lastIndex(where: { ($0.info.versionID ?? "null") == name.versionID })
        else { return nil }
        if let retention = versions[index].retention, retention.until > now {
            return StoreError(.forbidden, "'\(name.key)' in \(location) is locked until \(retention.until)")
        }
        versions.remove(at: index)
        entries[name.key] = versions.isEmpty ? nil : versions
        if versions.isEmpty { forget(name.key) }
        return nil
    }

    mutating func change(_ key: ObjectKey, versionID: String?, _ body: (inout Entry) -> Void) -> Bool {
        guard let versions = entries[key],
            let index = versions.lastIndex(where: { versionID == nil || ($0.info.versionID ?? "null") == versionID }),
            !versions[index].isDeleteMarker
        else { return false }
        entries[key]?.withEntry(at: index, body)
        return true
    }

    private mutating func add(_ entry: Entry) {
        var entry = entry
        let key = entry.info.key
        var versions = entries[key] ?? []
        if versions.isEmpty { keys.insert(key, at: keys.partitioningIndex { $0 >= key }) }
        switch versioning {
        case .never: versions = []
        case .enabled: entry.info.versionID = "v\(nextTag())"
        case .suspended:
            entry.info.versionID = "null"
            versions.removeAll { ($0.info.versionID ?? "null") == "null" }
        }
        versions.append(entry)
        entries[key] = versions
    }

    private mutating func forget(_ key: ObjectKey) {
        keys.remove(at: keys.partitioningIndex { $0 >= key })
    }
}

extension [MemoryBucket.Entry] {
    fileprivate mutating func withEntry(at index: Int, _ body: (inout Element) -> Void) { body(&self[index]) }
}
