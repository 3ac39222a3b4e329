package import Basics
package import NIOCore
import Synchronization

/// An object store in memory that keeps the whole promise of `ObjectStore`: the twin that tests run against.
///
/// Strict where servers are: a part of an upload that is not the last must have the minimum size. Memory: all objects.
package final class InMemoryObjectStore: ObjectStore {
    struct Entry {
        var info: ObjectInfo
        var bytes: ByteBuffer
    }

    struct State {
        var entries: [ObjectKey: Entry] = [:]
        /// The keys of `entries` in order.
        var keys: [ObjectKey] = []
        var lastTag: UInt64 = 0
        var openUploads = 0
    }

    package let location: String
    let minimumPartSize: Int
    private let clock: WallClock
    private let state = Mutex(State())

    /// - Parameters:
    ///   - clock: gives `lastModified`.
    ///   - minimumPartSize: 5 MiB as on S3; tests of many parts set it to 1.
    package init(
        location: String = "memory:", clock: WallClock = WallClock { Timestamp(seconds: 0) },
        minimumPartSize: ByteCount = .mebibytes(5)
    ) {
        self.location = location
        self.clock = clock
        self.minimumPartSize = Int(minimumPartSize.bytes)
    }

    /// Uploads that were begun and neither completed nor aborted: what a careless writer leaves behind.
    package var openUploads: Int { state.withLock { $0.openUploads } }

    package func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo {
        try entry(key).info
    }

    package func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        let entry = try entry(key)
        if let version = options.versionID {
            throw StoreError(.notFound, "no version '\(version)' of '\(key)' in \(location): versions are not kept")
        }
        if let tag = options.ifMatch, tag != entry.info.etag {
            throw StoreError(.preconditionFailed, "'\(key)' in \(location) is not at tag '\(tag)' any more")
        }
        var bytes = entry.bytes
        if let range = options.range {
            let range = try range.checked(against: entry.info.size, of: key, in: location)
            bytes = bytes.getSlice(at: bytes.readerIndex + Int(range.lowerBound), length: range.count) ?? ByteBuffer()
        }
        return StoredObject(info: entry.info, body: ByteStream(bytes.chunks(of: 64 << 10)))
    }

    package func put(
        _ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions
    ) async throws(StoreError) -> ObjectInfo {
        try store(bytes, at: key, options: options, endsUpload: false)
    }

    package func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload {
        state.withLock { $0.openUploads += 1 }
        return InMemoryUpload(store: self, key: key, options: options)
    }

    package func list(_ request: ListRequest) async throws(StoreError) -> ListPage {
        let cursor = try ListCursor(request)
        return state.withLock { $0.page(request, from: cursor) }
    }

    package func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        state.withLock { state in
            for key in keys where state.entries.removeValue(forKey: key) != nil {
                state.keys.remove(at: state.keys.partitioningIndex { $0 >= key })
            }
        }
        return [:]
    }

    func store(
        _ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions, endsUpload: Bool
    ) throws(StoreError) -> ObjectInfo {
        let now = clock.now()
        let result = state.withLock { state -> Result<ObjectInfo, StoreError> in
            if let refusal = options.condition.refusal(for: key, tag: state.entries[key]?.info.etag, in: location) {
                return .failure(refusal)
            }
            if endsUpload { state.openUploads -= 1 }
            state.lastTag += 1
            let info = ObjectInfo(
                key: key, size: Int64(bytes.readableBytes), etag: "\(state.lastTag)", lastModified: now,
                contentType: options.contentType, metadata: options.metadata)
            state.insert(Entry(info: info, bytes: bytes))
            return .success(info)
        }
        return try result.get()
    }

    func abandonUpload() { state.withLock { $0.openUploads -= 1 } }

    private func entry(_ key: ObjectKey) throws(StoreError) -> Entry {
        guard let entry = state.withLock({ $0.entries[key] }) else {
            throw StoreError(.notFound, "no object '\(key)' in \(location)")
        }
        return entry
    }
}

extension InMemoryObjectStore.State {
    fileprivate mutating func insert(_ entry: InMemoryObjectStore.Entry) {
        let key = entry.info.key
        if entries.updateValue(entry, forKey: key) == nil {
            keys.insert(key, at: keys.partitioningIndex { $0 >= key })
        }
    }

    fileprivate func page(_ request: ListRequest, from cursor: ListCursor) -> ListPage {
        var page = ListPage(objects: [])
        var last = cursor
        var index = keys.partitioningIndex { cursor.isBefore($0.text) && !$0.text.precedesByBytes(request.prefix) }
        while index < keys.endIndex, keys[index].text.hasBytePrefix(request.prefix) {
            guard page.objects.count + page.commonPrefixes.count < request.pageSize else {
                page.nextToken = last.token
                return page
            }
            let key = keys[index]
            if let fold = request.delimiter.flatMap({ key.text.folded(after: request.prefix, at: $0) }) {
                page.commonPrefixes.append(fold)
                last = .afterPrefix(fold)
                index = keys.partitioningIndex { last.isBefore($0.text) }
            } else {
                if var info = entries[key]?.info {
                    info.contentType = nil
                    info.metadata = [:]
                    page.objects.append(info)
                }
                last = .afterKey(key.text)
                index += 1
            }
        }
        return page
    }
}
