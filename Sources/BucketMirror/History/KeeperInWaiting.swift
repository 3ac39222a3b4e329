import Basics
import ObjectStorage
import Synchronization

/// The keeper of a target's history, made when there is something to keep: a pass without changes asks the target nothing.
/// With the keeper comes the lease of the target, which is renewed from then on, until `end`.
final class KeeperInWaiting: Sendable {
    private enum State {
        case unknown
        /// Somebody asks the target; these wait for the answer.
        case asking([CheckedContinuation<Void, Never>])
        case known(HistoryKeeper?)
    }

    private let options: MirrorOptions
    private let target: any ObjectStore
    private let tools: MirrorTools
    private let isPatient: Bool
    private let index: MirrorIndex?
    private let restsOnIndex: Bool
    private let tell: @Sendable (LeaseNews) -> Void
    private let state: Mutex<State>
    private let overtaken = Atomic(false)
    private let holding = Mutex<Task<MirrorError?, Never>?>(nil)

    /// - Parameters:
    ///   - isPatient: waits for the lease as long as somebody else has it.
    ///   - index: what this mirror knows of the target.
    ///   - restsOnIndex: no keeper is given where the index does not know what somebody else wrote.
    ///   - tell: how it stands with the lease.
    init(
        _ options: MirrorOptions, target: any ObjectStore, tools: MirrorTools, isPatient: Bool,
        index: MirrorIndex?, restsOnIndex: Bool, tell: @escaping @Sendable (LeaseNews) -> Void
    ) {
        self.options = options
        self.target = target
        self.tools = tools
        self.isPatient = isPatient
        self.index = index
        self.restsOnIndex = restsOnIndex
        self.tell = tell
        state = Mutex(options.isDryRun || options.history == .off ? .known(nil) : .unknown)
    }

    /// The keeper if it was asked for before and there is one.
    var known: HistoryKeeper? {
        state.withLock { state in
            if case .known(let keeper) = state { keeper } else { nil }
        }
    }

    /// Whether somebody else wrote to the target since the index was last used: it does not know what. Told only when
    /// there is a keeper.
    var isOvertaken: Bool { overtaken.load(ordering: .relaxed) }

    /// Whether nothing will ever be kept, as far as is known.
    var isIdle: Bool {
        state.withLock { state in
            if case .known(nil) = state { true } else { false }
        }
    }

    /// - Returns: nil if nothing is kept.
    /// - Throws: what asking the target failed with; the next call asks again. `.history` if the work rests on an index
    ///   that was overtaken.
    func keeper() async throws(MirrorError) -> HistoryKeeper? {
        while true {  // Ends with an answer; whoever waits asks again if it failed for somebody else.
            if case .known(let keeper) = state.withLock({ $0 }) {
                if restsOnIndex, isOvertaken { throw strangersWork }
                return keeper
            }
            guard await isMyTurn() else { continue }
            do throws(MirrorError) {
                let keeper = try await HistoryKeeper.make(
                    options, target: target, tools: tools, isPatient: isPatient, tell: tell)
                if let lease = keeper?.lease { holding.withLock { $0 = Task.apart { await lease.hold() } } }
                if let end = keeper?.end, let index, try index.value(of: .history) != end {
                    overtaken.store(true, ordering: .relaxed)
                }
                settle(.known(keeper))
            } catch {
                settle(.unknown)
                throw error
            }
        }
    }

    private var strangersWork: MirrorError {
        MirrorError(
            .history, "\(target.location): another mirror has written there since the index was last used",
            side: .target)
    }

    /// Waits until the lease is lost, or the present task is cancelled; returns at once where there is none.
    /// - Returns: how it was lost.
    func untilLost() async -> MirrorError? {
        guard let held = holding.withLock({ $0 }) else { return nil }
        return await withTaskCancellationHandler {
            await held.value
        } onCancel: {
            held.cancel()
        }
    }

    /// Gives the lease back.
    func end() async {
        let held = holding.withLock { $0 }
        held?.cancel()
        _ = await held?.value
        await known?.lease?.release()
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
