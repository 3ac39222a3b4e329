import Basics
import ObjectStorage
import Synchronization

/// The keeper of a target's history, made when there is something to keep: a pass without changes asks the target nothing.
final class KeeperInWaiting: Sendable {
    private enum State {
        case unknown
        /// Somebody asks the target; these wait for the answer.
        case asking([CheckedContinuation<Void, Never>])
        case known(HistoryKeeper?)
    }

    private let options: MirrorOptions
    private let target: any ObjectStore
    private let wallClock: WallClock
    private let state: Mutex<State>

    init(_ options: MirrorOptions, target: any ObjectStore, wallClock: WallClock) {
        self.options = options
        self.target = target
        self.wallClock = wallClock
        state = Mutex(options.isDryRun || options.history == .off ? .known(nil) : .unknown)
    }

    /// The keeper if it was asked for before and there is one.
    var known: HistoryKeeper? {
        state.withLock { state in
            if case .known(let keeper) = state { keeper } else { nil }
        }
    }

    /// Whether nothing will ever be kept, as far as is known.
    var isIdle: Bool {
        state.withLock { state in
            if case .known(nil) = state { true } else { false }
        }
    }

    /// - Returns: nil if nothing is kept.
    /// - Throws: what asking the target failed with; the next call asks again.
    func keeper() async throws(MirrorError) -> HistoryKeeper? {
        while true {  // Ends with an answer; whoever waits asks again if it failed for somebody else.
            if case .known(let keeper) = state.withLock({ $0 }) { return keeper }
            guard await isMyTurn() else { continue }
            do throws(MirrorError) {
                let keeper = try await HistoryKeeper.make(options, target: target, wallClock: wallClock)
                settle(.known(keeper))
                return keeper
            } catch {
                settle(.unknown)
                throw error
            }
        }
    }

    /// - Returns: whether the caller has to ask; else somebody else has asked meanwhile.
    private func isMyTurn() async -> Bool {
        let isMine = state.withLock { state in
            guard case .unknown = state else { return false }
            state = .asking([])
            return true
        }
        if isMine { return true }
        await withCheckedContinuation { continuation in
            let mustWait = state.withLock { state in
                guard case .asking(let waiting) = state else { return false }
                state = .asking(waiting + [continuation])
                return true
            }
            if !mustWait { continuation.resume() }
        }
        return false
    }

    private func settle(_ next: State) {
        let waiting = state.withLock { state in
            defer { state = next }
            if case .asking(let waiting) = state { return waiting }
            return []
        }
        for continuation in waiting { continuation.resume() }
    }
}
