import Basics
import NIOCore
import Synchronization

/// An upload to `InMemoryObjectStore`.
final class InMemoryUpload: ObjectUpload {
    private struct State {
        var parts: [Int: (tag: String, bytes: ByteBuffer)] = [:]
        var lastTag = 0
        var hasEnded = false
    }

    private let store: InMemoryObjectStore
    private let key: ObjectKey
    private let options: PutOptions
    private let state = Mutex(State())

    init(store: InMemoryObjectStore, key: ObjectKey, options: PutOptions) {
        self.store = store
        self.key = key
        self.options = options
    }

    func upload(_ bytes: ByteBuffer, as number: Int) async throws(StoreError) -> UploadedPart {
        try checkPartNumber(number, of: key)
        let tag = state.withLock { state -> String? in
            guard !state.hasEnded else { return nil }
            state.lastTag += 1
            state.parts[number] = ("\(state.lastTag)", bytes)
            return "\(state.lastTag)"
        }
        guard let tag else { throw ended }
        return UploadedPart(number: number, size: bytes.readableBytes, etag: tag)
    }

    func complete(_ parts: [UploadedPart]) async throws(StoreError) -> ObjectInfo {
        try checkJoin(parts, of: key)
        let result = state.withLock { state -> Result<ObjectInfo, StoreError> in
            guard !state.hasEnded else { return .failure(ended) }
            var whole = ByteBuffer()
            for (index, part) in parts.enumerated() {
                guard var kept = state.parts[part.number], kept.tag == part.etag else {
                    return .failure(
                        StoreError(.invalid, "part \(part.number) of '\(key)' was not sent, or was replaced since"))
                }
                if index < parts.count - 1, kept.bytes.readableBytes < store.minimumPartSize {
                    return .failure(tooSmall(part))
                }
                whole.writeBuffer(&kept.bytes)
            }
            do throws(StoreError) {
                let info = try store.store(whole, at: key, options: options, endsUpload: true)
                state.hasEnded = true
                state.parts = [:]
                return .success(info)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    func abort() async throws(StoreError) {
        let wasOpen = state.withLock { state in
            defer {
                state.hasEnded = true
                state.parts = [:]
            }
            return !state.hasEnded
        }
        if wasOpen { store.abandonUpload() }
    }

    private var ended: StoreError { StoreError(.notFound, "the upload of '\(key)' has ended") }

    private func tooSmall(_ part: UploadedPart) -> StoreError {
        StoreError(
            .invalid,
            "part \(part.number) of '\(key)' has \(part.size) bytes; all but the last need \(store.minimumPartSize)")
    }
}
