import NIOCore
import Synchronization

/// Hands parts from one writer to a few senders. At most `limit` parts are in it or on their way.
///
/// Nobody waits for ever: the writer waits only while parts are on their way, and `finish` or `fail` wakes all senders.
final class PartQueue: Sendable {
    struct Part: Sendable {
        let upload: any ObjectUpload
        let number: Int
        let bytes: ByteBuffer
    }

    private struct State {
        var waiting: [Part] = []
        var onTheirWay = 0
        var sent: [UploadedPart] = []
        var failure: StoreError?
        var isFinished = false
        var senders: [CheckedContinuation<Part?, Never>] = []
        var writer: CheckedContinuation<Void, Never>?

        var inHand: Int { waiting.count + onTheirWay }
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    /// Waits until there is room, then hands over `part`.
    /// - Throws: the first failure of a sender.
    func push(_ part: Part) async throws(StoreError) {
        await withCheckedContinuation { continuation in
            let hasRoom = state.withLock { state in
                if state.failure != nil || state.inHand < limit { return true }
                state.writer = continuation
                return false
            }
            if hasRoom { continuation.resume() }
        }
        let (sender, failure) = state.withLock { state -> (CheckedContinuation<Part?, Never>?, StoreError?) in
            if let failure = state.failure { return (nil, failure) }
            guard let sender = state.senders.popLast() else {
                state.waiting.append(part)
                return (nil, nil)
            }
            state.onTheirWay += 1
            return (sender, nil)
        }
        if let failure { throw failure }
        sender?.resume(returning: part)
    }

    /// Sends parts until there are none left to come.
    func sendAll() async {
        while let part = await next() {
            do throws(StoreError) {
                let sent = try await part.upload.upload(part.bytes, as: part.number)
                finishedOne(sent)
            } catch {
                fail(error)
                return
            }
        }
    }

    /// No more parts will come; the senders end when the waiting ones are sent.
    func finish() {
        let idle = state.withLock { state in
            state.isFinished = true
            defer { state.senders = [] }
            return state.senders
        }
        for sender in idle { sender.resume(returning: nil) }
    }

    /// Ends everything; waiting parts are dropped.
    func fail(_ error: StoreError) {
        let (senders, writer) = state.withLock { state in
            state.failure = state.failure ?? error
            state.isFinished = true
            state.waiting = []
            defer {
                state.senders = []
                state.writer = nil
            }
            return (state.senders, state.writer)
        }
        for sender in senders { sender.resume(returning: nil) }
        writer?.resume()
    }

    /// What was sent, by number, once all senders have ended.
    func sentParts() throws(StoreError) -> [UploadedPart] {
        let (sent, failure) = state.withLock { ($0.sent, $0.failure) }
        if let failure { throw failure }
        return sent.sorted { $0.number < $1.number }
    }

    private func next() async -> Part? {
        await withCheckedContinuation { continuation in
            let (part, isOver) = state.withLock { state -> (Part?, Bool) in
                if !state.waiting.isEmpty {
                    state.onTheirWay += 1
                    return (state.waiting.removeFirst(), true)
                }
                if state.isFinished { return (nil, true) }
                state.senders.append(continuation)
                return (nil, false)
            }
            if isOver { continuation.resume(returning: part) }
        }
    }

    private func finishedOne(_ part: UploadedPart) {
        let writer = state.withLock { state in
            state.onTheirWay -= 1
            state.sent.append(part)
            defer { state.writer = nil }
            return state.writer
        }
        writer?.resume()
    }
}
