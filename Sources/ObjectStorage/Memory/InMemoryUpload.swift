import Basics
import NIOCore

/// An upload to `InMemoryObjectStore`. Its state is the bucket's, so another process can go on with it.
struct InMemoryUpload: ObjectUpload {
    let store: InMemoryObjectStore
    let key: ObjectKey
    let uploadID: String

    init(store: InMemoryObjectStore, key: ObjectKey, id: String) {
        self.store = store
        self.key = key
        uploadID = id
    }

    var id: String? { uploadID }

    func upload(_ bytes: ByteBuffer, as number: Int) async throws(StoreError) -> UploadedPart {
        try checkPartNumber(number, of: key)
        let digest = store.digest.map { Hex.encode($0(bytes)) }
        let tag = store.withBucket { bucket -> String? in
            let tag = digest ?? bucket.nextTag()
            guard bucket.uploads[uploadID]?.key == key else { return nil }
            bucket.uploads[uploadID]?.parts[number] = (tag, bytes)
            return tag
        }
        guard let tag else { throw ended }
        return UploadedPart(number: number, size: bytes.readableBytes, etag: tag)
    }

    func complete(_ parts: [UploadedPart]) async throws(StoreError) -> ObjectInfo {
        try checkJoin(parts, of: key)
        guard let upload = store.withBucket({ $0.uploads[uploadID] }), upload.key == key else { throw ended }
        var whole = ByteBuffer()
        var sizes: [Int] = []
        for (index, part) in parts.enumerated() {
            guard var kept = upload.parts[part.number], kept.tag == part.etag else {
                throw StoreError(.invalid, "part \(part.number) of '\(key)' was not sent, or was replaced since")
            }
            sizes.append(kept.bytes.readableBytes)
            if index < parts.count - 1, kept.bytes.readableBytes < store.minimumPartSize { throw tooSmall(part) }
            whole.writeBuffer(&kept.bytes)
        }
        let info = try store.store(whole, at: key, options: upload.options, tag: joinedTag(parts), parts: sizes)
        store.withBucket { $0.uploads[uploadID] = nil }
        return info
    }

    func abort() async throws(StoreError) {
        store.withBucket { $0.uploads[uploadID] = nil }
    }

    /// As S3 makes it: the digest of the digests of the parts, and their number.
    private func joinedTag(_ parts: [UploadedPart]) -> String? {
        guard let digest = store.digest else { return nil }
        let digests = parts.flatMap { Hex.decode($0.etag) ?? [] }
        return "\(Hex.encode(digest(ByteBuffer(bytes: digests))))-\(parts.count)"
    }

    private var ended: StoreError { StoreError(.notFound, "the upload of '\(key)' has ended") }

    private func tooSmall(_ part: UploadedPart) -> StoreError {
        StoreError(
            .invalid,
            "part \(part.number) of '\(key)' has \(part.size) bytes; all but the last need \(store.minimumPartSize)")
    }
}

extension MemoryBucket {
    mutating func beginUpload(of key: ObjectKey, _ options: PutOptions, at now: Timestamp) -> String {
        let id = "u\(nextTag())"
        uploads[id] = Upload(key: key, options: options, begunAt: now)
        return id
    }
}
