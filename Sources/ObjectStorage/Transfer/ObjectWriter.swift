package import NIOCore
import Synchronization

/// Where the bytes of an object of unknown length go; see `ObjectStore.upload`.
///
/// One `write` at a time: wait for one to return before the next.
package final class ObjectWriter: Sendable {
    private struct State {
        var buffer = ByteBuffer()
        var written: Int64 = 0
        var upload: (any ObjectUpload)?
        var lastNumber = 0
        var isWriting = false
    }

    private let store: any ObjectStore
    private let key: ObjectKey
    private let options: PutOptions
    private let partSize: Int
    private let queue: PartQueue
    private let state = Mutex(State())

    init(store: any ObjectStore, key: ObjectKey, options: PutOptions, partSize: Int, queue: PartQueue) {
        self.store = store
        self.key = key
        self.options = options
        self.partSize = partSize
        self.queue = queue
    }

    /// How many bytes were written so far.
    package var written: Int64 { state.withLock { $0.written } }

    /// Appends `bytes`. Returns when they are in memory or on their way; waits while too many parts are on their way.
    ///
    /// - Throws: the failure of an earlier part, `.limitExceeded` beyond 10,000 parts.
    package func write(_ bytes: ByteBuffer) async throws(StoreError) {
        state.withLock { state in
            precondition(!state.isWriting, "two writes to '\(key)' at once")
            state.isWriting = true
        }
        defer { state.withLock { $0.isWriting = false } }
        var rest = bytes
        while rest.readableBytes > 0 {
            if let part = takeFullPart() { try await send(part) }
            fill(from: &rest)
        }
    }

    /// As `write`, from an array.
    package func write(_ bytes: [UInt8]) async throws(StoreError) {
        try await write(ByteBuffer(bytes: bytes))
    }

    /// The buffer's content if it has the size of a part. Asked only when more bytes have come, so that an object of
    /// exactly one part stays a single put.
    private func takeFullPart() -> ByteBuffer? {
        state.withLock { state in
            guard state.buffer.readableBytes == partSize else { return nil }
            defer { state.buffer = ByteBuffer() }
            return state.buffer
        }
    }

    private func fill(from rest: inout ByteBuffer) {
        state.withLock { state in
            let count = min(rest.readableBytes, partSize - state.buffer.readableBytes)
            if var piece = rest.readSlice(length: count) { state.buffer.writeBuffer(&piece) }
            state.written += Int64(count)
        }
    }

    private func send(_ part: ByteBuffer) async throws(StoreError) {
        let upload: any ObjectUpload
        if let begun = state.withLock({ $0.upload }) {
            upload = begun
        } else {
            upload = try await store.beginUpload(at: key, options: options)
            state.withLock { $0.upload = upload }
        }
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        guard number <= 10_000 else {
            throw StoreError(
                .limitExceeded, "'\(key)' needs more than 10,000 parts of \(partSize) bytes: choose a larger part size")
        }
        try await queue.push(PartQueue.Part(upload: upload, number: number, bytes: part))
    }

    /// Sends what is left: nil if that made parts, or the whole object as it lies in the store.
    func finish() async throws(StoreError) -> ObjectInfo? {
        let (rest, isUpload) = state.withLock { state in
            defer { state.buffer = ByteBuffer() }
            return (state.buffer, state.upload != nil)
        }
        guard isUpload else { return try await store.put(rest, at: key, options: options) }
        try await send(rest)
        return nil
    }

    /// Joins the parts, once all are sent.
    func complete() async throws(StoreError) -> ObjectInfo {
        guard let upload = state.withLock({ $0.upload }) else {
            preconditionFailure("an upload to '\(key)' is completed that was never begun")
        }
        return try await upload.complete(queue.sentParts())
    }

    /// The upload that must be given up after a failure, if one was begun.
    var begunUpload: (any ObjectUpload)? { state.withLock { $0.upload } }
}
