import Basics
package import NIOCore

/// Tries again what failed for a temporary reason: the one place where store requests are repeated.
///
/// Every operation can be repeated: reads and deletes as they are, unconditional writes because the last one wins. A
/// conditional write that broke may have happened; if a later try then finds its condition unmet, the object is compared
/// with what was to be written, and equal bytes count as success. So two writers that must exclude each other have to
/// write different bytes. A body that breaks midway is continued behind its last byte, from the same version.
package struct RetryingStore: ObjectStore {
    private let base: any ObjectStore
    private let loop: RetryLoop

    package init(
        _ base: any ObjectStore, policy: StoreRetryPolicy = StoreRetryPolicy(), clock: any Clock<Duration>,
        random: any RandomNumberGenerator & Sendable
    ) {
        self.base = base
        loop = RetryLoop(policy: policy, clock: clock, random: random)
    }

    package var location: String { base.location }

    package var features: any StoreFeatures { WrappedFeatures(base.features, RetryRules(loop: loop)) }

    package func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo {
        try await loop.run { () throws(StoreError) in try await base.head(key) }
    }

    package func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        let object = try await loop.run { () throws(StoreError) in try await base.get(key, options: options) }
        let resuming = ResumingBody(base: base, loop: loop, info: object.info, options: options)
        return StoredObject(info: object.info, body: resuming.stream(from: object.body))
    }

    package func put(
        _ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions
    ) async throws(StoreError) -> ObjectInfo {
        var mayHaveHappened = false
        return try await loop.run { () throws(StoreError) in
            do throws(StoreError) {
                return try await base.put(bytes, at: key, options: options)
            } catch {
                if error.code == .unavailable { mayHaveHappened = true }
                guard mayHaveHappened, error.code == .preconditionFailed,
                    let info = try await stored(bytes, at: key)
                else { throw error }
                return info
            }
        }
    }

    package func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload {
        let upload = try await loop.run { () throws(StoreError) in
            try await base.beginUpload(at: key, options: options)
        }
        return RetryingUpload(base: upload, loop: loop)
    }

    package func list(_ request: ListRequest) async throws(StoreError) -> ListPage {
        try await loop.run { () throws(StoreError) in try await base.list(request) }
    }

    package func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        var rest = keys
        var final: [ObjectKey: StoreError] = [:]
        do throws(StoreError) {
            try await loop.run { () throws(StoreError) in
                let failures = try await base.delete(rest)
                final.merge(failures) { $1 }
                rest = failures.filter { $0.value.isTemporary }.map(\.key)
                guard let first = rest.first.flatMap({ failures[$0] }) else { return }
                throw first
            }
        } catch {
            // Failures of single keys are the answer; only a failed request is thrown.
            guard rest.contains(where: { final[$0] != nil }), error.isTemporary else { throw error }
        }
        return final.filter { key, error in !error.isTemporary || rest.contains(key) }
    }

    /// What lies at `key`, if it is exactly `bytes`.
    private func stored(_ bytes: ByteBuffer, at key: ObjectKey) async throws(StoreError) -> ObjectInfo? {
        let object: StoredObject
        do throws(StoreError) {
            object = try await base.get(key, options: GetOptions())
        } catch {
            if error.code == .notFound { return nil }
            throw error
        }
        guard object.info.size == Int64(bytes.readableBytes) else { return nil }
        var rest = bytes
        do {
            for try await chunk in object.body {
                guard let expected = rest.readSlice(length: chunk.readableBytes), expected == chunk else { return nil }
            }
        } catch {
            throw StoreError(error, while: "comparing '\(key)' in \(location)")
        }
        return rest.readableBytes == 0 ? object.info : nil
    }
}

private struct RetryRules: FeatureRules {
    let loop: RetryLoop

    func run<Result>(
        _ call: StoreUse.Request, _ body: () async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        try await loop.run(body)
    }

    func runOnce<Result>(
        _ call: StoreUse.Request, _ body: () async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        try await body()
    }

    func wrapped(_ upload: any ObjectUpload, key: ObjectKey) -> any ObjectUpload {
        RetryingUpload(base: upload, loop: loop)
    }
}

private struct RetryingUpload: ObjectUpload {
    let base: any ObjectUpload
    let loop: RetryLoop

    var id: String? { base.id }

    func upload(_ bytes: ByteBuffer, as number: Int) async throws(StoreError) -> UploadedPart {
        try await loop.run { () throws(StoreError) in try await base.upload(bytes, as: number) }
    }

    func complete(_ parts: [UploadedPart]) async throws(StoreError) -> ObjectInfo {
        try await loop.run { () throws(StoreError) in try await base.complete(parts) }
    }

    func abort() async throws(StoreError) {
        try await loop.run { () throws(StoreError) in try await base.abort() }
    }
}
