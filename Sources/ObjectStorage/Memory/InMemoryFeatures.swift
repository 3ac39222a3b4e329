import Basics
import NIOCore

/// What `InMemoryObjectStore` does beyond objects and keys: everything.
struct InMemoryFeatures: StoreFeatures {
    let store: InMemoryObjectStore

    var offered: Set<StoreFeature> { Set(StoreFeature.allCases) }

    func bucket() async throws(StoreError) -> BucketIdentity { BucketIdentity(deploymentID: store.location) }

    func versioning() async throws(StoreError) -> BucketVersioning { store.withBucket { $0.versioning } }

    func setVersioning(_ state: BucketVersioning) async throws(StoreError) {
        guard state != .never else {
            throw StoreError(.invalid, "versioning of \(store.location) can be suspended, not taken back")
        }
        store.withBucket { $0.versioning = state }
    }

    func objectLock() async throws(StoreError) -> BucketLock? { store.withBucket { $0.lock } }

    func listVersions(_ request: VersionListRequest) async throws(StoreError) -> VersionListPage {
        store.withBucket { $0.versions(request) }
    }

    func deleteVersions(_ versions: [VersionName]) async throws(StoreError) -> [VersionName: StoreError] {
        let now = store.now
        return store.withBucket { bucket in
            var failures: [VersionName: StoreError] = [:]
            for name in versions { failures[name] = bucket.deleteVersion(name, at: now) }
            return failures
        }
    }

    func tags(of key: ObjectKey, versionID: String?) async throws(StoreError) -> [String: String] {
        try store.entry(key, versionID: versionID).tags
    }

    func setTags(_ tags: [String: String], of key: ObjectKey, versionID: String?) async throws(StoreError) {
        try change(key, versionID) { entry in
            entry.tags = tags
            entry.info.tagCount = tags.count
        }
    }

    func retention(of key: ObjectKey, versionID: String?) async throws(StoreError) -> ObjectRetention? {
        try store.entry(key, versionID: versionID).retention
    }

    func setRetention(
        _ retention: ObjectRetention, of key: ObjectKey, versionID: String?
    ) async throws(StoreError) {
        guard store.withBucket({ $0.lock }) != nil else { throw refusal(.objectLock) }
        if let present = try store.entry(key, versionID: versionID).retention, retention.until < present.until {
            throw StoreError(.forbidden, "'\(key)' in \(store.location) is locked until \(present.until)")
        }
        try change(key, versionID) { $0.retention = retention }
    }

    func copy(_ request: CopyRequest) async throws(StoreError) -> ObjectInfo {
        let source = try store.entry(request.source, versionID: request.sourceVersionID)
        if let tag = request.sourceIfMatch, tag != source.info.etag {
            throw StoreError(
                .preconditionFailed, "'\(request.source)' in \(store.location) is not at '\(tag)' any more")
        }
        guard request.source != request.target || request.replacement != nil else {
            throw StoreError(.invalid, "'\(request.source)' cannot be copied onto itself unchanged")
        }
        var options = PutOptions(contentType: source.info.contentType, metadata: source.info.metadata)
        options.headers = source.info.headers
        options.tags = source.tags
        return try await store.put(source.bytes, at: request.target, options: request.replacement ?? options)
    }

    func partSizes(of info: ObjectInfo) async throws(StoreError) -> [Int64]? {
        let entry = try store.entry(info.key, versionID: info.versionID)
        guard entry.info.etag == info.etag else { return nil }
        return entry.parts.map { $0.map { Int64($0) } }
    }

    func put(
        _ body: ByteStream, size: Int64, at key: ObjectKey, options: PutOptions
    ) async throws(StoreError) -> ObjectInfo {
        var whole = ByteBuffer()
        do {
            for try await var chunk in body where Int64(whole.readableBytes) <= size { whole.writeBuffer(&chunk) }
        } catch {
            throw StoreError(error, while: "reading what is to become '\(key)'")
        }
        guard Int64(whole.readableBytes) == size else {
            throw StoreError(.integrity, "'\(key)': \(whole.readableBytes) bytes came, \(size) were announced")
        }
        return try await store.put(whole, at: key, options: options)
    }

    func continueUpload(
        _ id: String, at key: ObjectKey, options: PutOptions
    ) async throws(StoreError) -> any ObjectUpload {
        InMemoryUpload(store: store, key: key, id: id)
    }

    func sentParts(of id: String, at key: ObjectKey) async throws(StoreError) -> [UploadedPart] {
        guard let upload = store.withBucket({ $0.uploads[id] }), upload.key == key else {
            throw StoreError(.notFound, "the upload of '\(key)' has ended")
        }
        return upload.parts.sorted { $0.key < $1.key }.map {
            UploadedPart(number: $0.key, size: $0.value.bytes.readableBytes, etag: $0.value.tag)
        }
    }

    func openUploads(prefix: String) async throws(StoreError) -> [OpenUpload] {
        let open = store.withBucket { bucket in
            bucket.uploads.filter { $0.value.key.text.hasBytePrefix(prefix) }
                .map { OpenUpload(key: $0.value.key, id: $0.key, begunAt: $0.value.begunAt) }
        }
        return Array(open.sorted { ($0.key, $0.id) < ($1.key, $1.id) }.prefix(10_000))
    }

    private func change(
        _ key: ObjectKey, _ versionID: String?, _ body: (inout MemoryBucket.Entry) -> Void
    ) throws(StoreError) {
        guard store.withBucket({ $0.change(key, versionID: versionID, body) }) else {
            throw StoreError(.notFound, "no object '\(key)' in \(store.location)")
        }
    }
}
