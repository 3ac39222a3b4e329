/// What a wrapper does to each call of the features of the store inside it. The default hands everything on unchanged.
package protocol FeatureRules: Sendable {
    /// Runs one call.
    func run<Result>(
        _ call: StoreUse.Request, _ body: () async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result

    /// The same with bytes that can be sent only once: it must not be repeated.
    func runOnce<Result>(
        _ call: StoreUse.Request, _ body: () async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result

    /// The key inside; see `PrefixStore`.
    func outer(_ key: ObjectKey) throws(StoreError) -> ObjectKey
    /// The prefix inside.
    func outer(prefix: String) -> String
    /// The key as users of the wrapper know it; nil for one that they cannot see.
    func inner(_ key: ObjectKey) -> ObjectKey?

    func outgoing(_ body: ByteStream) -> ByteStream
    func wrapped(_ upload: any ObjectUpload, key: ObjectKey) -> any ObjectUpload
}

extension FeatureRules {
    package func run<Result>(
        _ call: StoreUse.Request, _ body: () async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        try await body()
    }

    package func runOnce<Result>(
        _ call: StoreUse.Request, _ body: () async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        try await run(call, body)
    }

    package func outer(_ key: ObjectKey) throws(StoreError) -> ObjectKey { key }
    package func outer(prefix: String) -> String { prefix }
    package func inner(_ key: ObjectKey) -> ObjectKey? { key }
    package func outgoing(_ body: ByteStream) -> ByteStream { body }
    package func wrapped(_ upload: any ObjectUpload, key: ObjectKey) -> any ObjectUpload { upload }
}

/// The features of a store inside a wrapper, under the wrapper's rules: the one place that hands each of them on.
package struct WrappedFeatures<Rules: FeatureRules>: StoreFeatures {
    private let base: any StoreFeatures
    private let rules: Rules

    package init(_ base: any StoreFeatures, _ rules: Rules) {
        self.base = base
        self.rules = rules
    }

    package var offered: Set<StoreFeature> { base.offered }

    package func bucket() async throws(StoreError) -> BucketIdentity {
        try await rules.run(.describe) { () throws(StoreError) in try await base.bucket() }
    }

    package func versioning() async throws(StoreError) -> BucketVersioning {
        try await rules.run(.describe) { () throws(StoreError) in try await base.versioning() }
    }

    package func setVersioning(_ state: BucketVersioning) async throws(StoreError) {
        try await rules.run(.annotate) { () throws(StoreError) in try await base.setVersioning(state) }
    }

    package func objectLock() async throws(StoreError) -> BucketLock? {
        try await rules.run(.describe) { () throws(StoreError) in try await base.objectLock() }
    }

    package func listVersions(_ request: VersionListRequest) async throws(StoreError) -> VersionListPage {
        var request = request
        request.prefix = rules.outer(prefix: request.prefix)
        if let marker = request.marker { request.marker?.key = try rules.outer(marker.key) }
        let sent = request
        var page = try await rules.run(.list) { () throws(StoreError) in try await base.listVersions(sent) }
        page.versions = page.versions.compactMap { version in
            guard let key = rules.inner(version.info.key) else { return nil }
            var version = version
            version.info.key = key
            return version
        }
        // A marker beside the prefix can only be the end of it.
        if let next = page.next, let key = rules.inner(next.key) { page.next?.key = key } else { page.next = nil }
        return page
    }

    package func deleteVersions(_ versions: [VersionName]) async throws(StoreError) -> [VersionName: StoreError] {
        var outer: [VersionName] = []
        for version in versions {
            outer.append(VersionName(key: try rules.outer(version.key), versionID: version.versionID))
        }
        let sent = outer
        let failures = try await rules.run(.delete) { () throws(StoreError) in try await base.deleteVersions(sent) }
        guard !failures.isEmpty else { return [:] }
        let pairs = zip(versions, outer).compactMap { version, outer in failures[outer].map { (version, $0) } }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    package func tags(of key: ObjectKey, versionID: String?) async throws(StoreError) -> [String: String] {
        let key = try rules.outer(key)
        return try await rules.run(.describe) { () throws(StoreError) in
            try await base.tags(of: key, versionID: versionID)
        }
    }

    package func setTags(_ tags: [String: String], of key: ObjectKey, versionID: String?) async throws(StoreError) {
        let key = try rules.outer(key)
        try await rules.run(.annotate) { () throws(StoreError) in
            try await base.setTags(tags, of: key, versionID: versionID)
        }
    }

    package func retention(of key: ObjectKey, versionID: String?) async throws(StoreError) -> ObjectRetention? {
        let key = try rules.outer(key)
        return try await rules.run(.describe) { () throws(StoreError) in
            try await base.retention(of: key, versionID: versionID)
        }
    }

    package func setRetention(
        _ retention: ObjectRetention, of key: ObjectKey, versionID: String?
    ) async throws(StoreError) {
        let key = try rules.outer(key)
        try await rules.run(.annotate) { () throws(StoreError) in
            try await base.setRetention(retention, of: key, versionID: versionID)
        }
    }

    package func copy(_ request: CopyRequest) async throws(StoreError) -> ObjectInfo {
        var outer = request
        outer.source = try rules.outer(request.source)
        outer.target = try rules.outer(request.target)
        let sent = outer
        var info = try await rules.run(.copy) { () throws(StoreError) in try await base.copy(sent) }
        info.key = request.target
        return info
    }

    package func partSizes(of info: ObjectInfo) async throws(StoreError) -> [Int64]? {
        var info = info
        info.key = try rules.outer(info.key)
        let asked = info
        return try await rules.run(.describe) { () throws(StoreError) in try await base.partSizes(of: asked) }
    }

    package func put(
        _ body: ByteStream, size: Int64, at key: ObjectKey, options: PutOptions
    ) async throws(StoreError) -> ObjectInfo {
        let outer = try rules.outer(key)
        let body = rules.outgoing(body)
        var info = try await rules.runOnce(.put) { () throws(StoreError) in
            try await base.put(body, size: size, at: outer, options: options)
        }
        info.key = key
        return info
    }

    package func continueUpload(
        _ id: String, at key: ObjectKey, options: PutOptions
    ) async throws(StoreError) -> any ObjectUpload {
        let outer = try rules.outer(key)
        let upload = try await rules.run(.beginUpload) { () throws(StoreError) in
            try await base.continueUpload(id, at: outer, options: options)
        }
        return rules.wrapped(upload, key: key)
    }

    package func sentParts(of id: String, at key: ObjectKey) async throws(StoreError) -> [UploadedPart] {
        let key = try rules.outer(key)
        return try await rules.run(.list) { () throws(StoreError) in try await base.sentParts(of: id, at: key) }
    }

    package func openUploads(prefix: String) async throws(StoreError) -> [OpenUpload] {
        let prefix = rules.outer(prefix: prefix)
        let open = try await rules.run(.list) { () throws(StoreError) in try await base.openUploads(prefix: prefix) }
        return open.compactMap { upload in
            rules.inner(upload.key).map { OpenUpload(key: $0, id: upload.id, begunAt: upload.begunAt) }
        }
    }
}
