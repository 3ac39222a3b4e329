import Synchronization

/// Hands elements from several senders to one receiver. At most `limit` wait in it: a sender waits for room, so memory
/// does not grow when the receiver is slow.
///
/// Whoever drives both sides ends it: `finish` when nothing more is sent, `cancel` when the receiver gives up. Nobody
/// waits for ever after either.
package final class BoundedChannel<Element: Sendable>: Sendable {
    private struct State {
        var waiting: [Element] = []
        var isFinished = false
        var isCancelled = false
        var senders: [CheckedContinuation<Void, Never>] = []
        var receiver: CheckedContinuation<Void, Never>?
    }

    private let limit: Int
    private let state = Mutex(State())

    package init(limit: Int) {
        precondition(limit > 0, "a channel for \(limit) elements passes nothing on")
        self.limit = limit
    }

    /// Hands `element` over; waits while the channel is full.
    /// - Throws: `CancellationError` once the receiver has given up.
    package func send(_ element: Element) async throws(CancellationError) {
        while true {  // Ends with room or with the channel; every turn is woken by the receiver.
            let isOver: Bool? = state.withLock { state in
                if state.isCancelled || state.isFinished { return true }
                guard state.waiting.count < limit else { return nil }
                state.waiting.append(element)
                return false
            }
            if isOver == true { throw CancellationError() }
            if isOver == false { break }
            await waitForRoom()
        }
        state.withLock { state in
            defer { state.receiver = nil }
            return state.receiver
        }?.resume()
    }

    private func waitForRoom() async {
        await withCheckedContinuation { continuation in
            let mayGoOn = state.withLock { state in
                if state.waiting.count < limit || state.isCancelled || state.isFinished { return true }
                state.senders.append(continuation)
                return false
            }
            if mayGoOn { continuation.resume() }
        }
    }

    /// The next element; nil when the channel was finished and is empty, or cancelled. For one task only.
    package func next() async -> Element? {
        while true {  // Ends with an element or with the channel; every turn is woken by a sender.
            let (element, sender, isOver) = state.withLock {
                state -> (Element?, CheckedContinuation<Void, Never>?, Bool) in
                if state.isCancelled { return (nil, nil, true) }
                guard !state.waiting.isEmpty else { return (nil, nil, state.isFinished) }
                let sender = state.senders.isEmpty ? nil : state.senders.removeFirst()
                return (state.waiting.removeFirst(), sender, true)
            }
            sender?.resume()
            if isOver { return element }
            await withCheckedContinuation { continuation in
                let mayGoOn = state.withLock { state in
                    if !state.waiting.isEmpty || state.isFinished || state.isCancelled { return true }
                    precondition(state.receiver == nil, "two receivers at one channel")
                    state.receiver = continuation
                    return false
                }
                if mayGoOn { continuation.resume() }
            }
        }
    }

    /// Nothing more will be sent; what waits is still received.
    package func finish() { end { $0.isFinished = true } }

    /// The receiver gives up: what waits is dropped, senders throw.
    package func cancel() {
        end {
            $0.isCancelled = true
            $0.waiting = []
        }
    }

    private func end(_ change: (inout sending State) -> Void) {
        let continuations = state.withLock { state in
            change(&state)
            defer {
                state.senders = []
                state.receiver = nil
            }
            return state.senders + [state.receiver].compactMap { $0 }
        }
        for continuation in continuations { continuation.resume() }
    }
}
