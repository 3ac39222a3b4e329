package import NIOCore

/// A part of a store: every key lies beneath a prefix that its users do not see.
package struct PrefixStore: ObjectStore {
    private let base: any ObjectStore
    private let prefix: String

    /// - Parameter prefix: put before every key as it is; it usually ends with a slash. Empty for the whole store.
    package init(_ base: any ObjectStore, prefix: String) {
        self.base = base
        self.prefix = prefix
    }

    package var location: String {
        base.location.hasSuffix("/") ? base.location + prefix : base.location + "/" + prefix
    }

    package var features: any StoreFeatures { WrappedFeatures(base.features, PrefixRules(prefix: prefix)) }

    package func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo {
        try await inner(base.head(outer(key)), key)
    }

    package func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        let object = try await base.get(outer(key), options: options)
        return StoredObject(info: inner(object.info, key), body: object.body)
    }

    package func put(
        _ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions
    ) async throws(StoreError) -> ObjectInfo {
        try await inner(base.put(bytes, at: outer(key), options: options), key)
    }

    package func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload {
        PrefixUpload(base: try await base.beginUpload(at: outer(key), options: options), key: key)
    }

    package func list(_ request: ListRequest) async throws(StoreError) -> ListPage {
        var request = request
        request.prefix = prefix + request.prefix
        if let start = request.startAfter { request.startAfter = try outer(start) }
        let page = try await base.list(request)
        let count = prefix.utf8.count
        return ListPage(
            objects: page.objects.compactMap { info in
                // An object whose key is the prefix itself has no key here.
                ObjectKey(info.key.text.droppingBytes(count)).map { inner(info, $0) }
            },
            commonPrefixes: page.commonPrefixes.map { $0.droppingBytes(count) },
            nextToken: page.nextToken)
    }

    package func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        var outerKeys: [ObjectKey] = []
        for key in keys { outerKeys.append(try outer(key)) }
        let failures = try await base.delete(outerKeys)
        guard !failures.isEmpty else { return [:] }
        let pairs = zip(keys, outerKeys).compactMap { key, outer in failures[outer].map { (key, $0) } }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    /// - Throws: `.invalid` if key and prefix are too long together.
    private func outer(_ key: ObjectKey) throws(StoreError) -> ObjectKey {
        try PrefixRules(prefix: prefix).outer(key)
    }

    private func inner(_ info: ObjectInfo, _ key: ObjectKey) -> ObjectInfo {
        var info = info
        info.key = key
        return info
    }
}

private struct PrefixRules: FeatureRules {
    let prefix: String

    func outer(_ key: ObjectKey) throws(StoreError) -> ObjectKey {
        guard let outer = ObjectKey(prefix + key.text) else {
            throw StoreError(.invalid, "'\(prefix)\(key)' is longer than the 1,024 bytes of a key")
        }
        return outer
    }

    func outer(prefix: String) -> String { self.prefix + prefix }

    func inner(_ key: ObjectKey) -> ObjectKey? {
        key.text.hasBytePrefix(prefix) ? ObjectKey(key.text.droppingBytes(prefix.utf8.count)) : nil
    }

    func wrapped(_ upload: any ObjectUpload, key: ObjectKey) -> any ObjectUpload {
        PrefixUpload(base: upload, key: key)
    }
}

private struct PrefixUpload: ObjectUpload {
    let base: any ObjectUpload
    let key: ObjectKey

    var id: String? { base.id }

    func upload(_ bytes: ByteBuffer, as number: Int) async throws(StoreError) -> UploadedPart {
        try await base.upload(bytes, as: number)
    }

    func complete(_ parts: [UploadedPart]) async throws(StoreError) -> ObjectInfo {
        var info = try await base.complete(parts)
        info.key = key
        return info
    }

    func abort() async throws(StoreError) { try await base.abort() }
}
