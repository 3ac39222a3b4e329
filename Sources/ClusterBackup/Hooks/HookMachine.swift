/// Decides what is done for one pod, step by step: its hooks, its volumes, and the undoing of whatever was begun. A value
/// without I/O: it is told what happened and says what to do next.
///
/// What holds on every path: before the first hook it asks to note what must be undone; a freeze is never run but under a
/// guard; whatever may have taken effect is undone before the end; what could not be undone stays noted.
package struct HookMachine: Sendable {
    /// How a hook ended.
    package enum Ending: Sendable, Hashable {
        case succeeded
        /// A thaw found nothing frozen.
        case moot
        /// It had no effect, or failed by its own account; one line for people.
        case failed(String)
        /// The connection was lost or the time was over: nobody knows what it did, or will still do.
        case unknown(String)

        package var hasSucceeded: Bool { self == .succeeded || self == .moot }
        package var mayHaveActed: Bool { if case .failed = self { false } else { true } }
        var words: String {
            switch self {
            case .succeeded, .moot: ""
            case .failed(let words), .unknown(let words): words
            }
        }
    }

    package enum Action: Sendable, Hashable {
        /// Write down in the cluster what must be undone.
        case note
        case run(BackupHook)
        /// Run it under a guard with this number, which undoes it by `thaw`.
        case freeze(BackupHook, thaw: [String], number: Int)
        /// Save the volumes.
        case work
        /// Undo the freeze of this guard from outside, patiently.
        case thaw(BackupHook, command: [String], number: Int)
        /// Dismiss the guard: its file system is thawed.
        case dismiss(number: Int)
        /// Let go of the guard, which then thaws by itself, and wait until it says so.
        case abandon(number: Int)
        /// Nothing is left to undo.
        case forget
        case finish
    }

    package enum Event: Sendable, Hashable {
        case begin
        /// `refused`: why the pod's hooks must not be run, for example because another backup is at it.
        case noted(refused: String?)
        case ended(Ending)
        /// The volumes were saved, or not; `thawed`: guards whose file system did not stay frozen meanwhile.
        case worked(thawed: Set<Int>)
        case done
    }

    private enum State: Sendable, Hashable {
        case idle, noting, pre(Int), working, post(Int), undoing, dismissing, forgetting, finished
    }

    private struct Frozen: Sendable, Hashable {
        let hook: BackupHook
        let thaw: [String]
        let number: Int
        var isThawed = false
        /// Another hook has thawed something in its container, perhaps this.
        var mayBeThawed = false
    }

    let hooks: PodHooks
    private var state = State.idle
    /// What may be frozen now.
    private var frozen: [Frozen] = []
    /// Whether a hook before the volumes may have had an effect.
    private(set) var mayHaveActed = false
    /// Whether something stays to be undone by others.
    package private(set) var hasLeftovers = false
    package private(set) var hasWorked = false
    package private(set) var attempted = 0
    package private(set) var failed = 0
    package private(set) var messages: [HookMessage] = []

    /// Whether all that is left to do is to undo.
    var hasBegunUndoing: Bool {
        switch state {
        case .idle, .noting, .pre, .working: false
        case .post, .undoing, .dismissing, .forgetting, .finished: true
        }
    }

    package init(_ hooks: PodHooks) {
        self.hooks = hooks
        messages = hooks.warnings.map { .init(.warning, $0) }
    }

    package mutating func handle(_ event: Event) -> Action {
        switch (state, event) {
        case (.idle, .begin):
            guard needsNote else { return startPre(0) }
            state = .noting
            return .note
        case (.noting, .noted(let refused)):
            if let refused {
                messages.append(.init(.error, refused))
                state = .finished
                return .finish
            }
            return startPre(0)
        case (.pre(let index), .ended(let ending)):
            let stops = !ending.hasSucceeded && hooks.pre[index].onError == .stop
            record(ending, hooks.pre[index], "before", stops ? "; its volumes are not saved" : "")
            if ending.mayHaveActed { mayHaveActed = true }
            settleFreeze(ending)
            if stops {
                return mayHaveActed ? startPost(0) : undo()
            }
            return startPre(index + 1)
        case (.working, .worked(let thawed)):
            hasWorked = true
            lament(thawed)
            return startPost(0)
        case (.post(let index), .ended(let ending)):
            settleThaw(ending, hooks.post[index])
            return startPost(index + 1)
        case (.undoing, .ended(let ending)): return undone(ending)
        case (.dismissing, .done): return undo()
        case (.forgetting, .done), (.finished, _):
            state = .finished
            return .finish
        default:
            // The driver answers each action with its own event; anything else ends as carefully as possible.
            return undo()
        }
    }

    /// Whether there is anything that a successor would have to do.
    private var needsNote: Bool {
        !hooks.post.isEmpty || hooks.pre.contains { FreezeCommand($0.command) != .other }
    }

    // MARK: Before

    private mutating func startPre(_ index: Int) -> Action {
        guard index < hooks.pre.count else {
            state = .working
            return .work
        }
        let hook = hooks.pre[index]
        state = .pre(index)
        attempted += 1
        switch FreezeCommand(hook.command) {
        case .other: return .run(hook)
        case .freezes(let thaw):
            frozen.append(Frozen(hook: hook, thaw: thaw, number: index))
            return .freeze(hook, thaw: thaw, number: index)
        case .unclear:
            let post = hooks.post.first {
                FreezeCommand.isThaw($0.command) && hooks.container(of: $0) == hooks.container(of: hook)
            }
            guard let thaw = post?.command else {
                let words =
                    "it freezes a file system in a way that cannot be undone by looking at it, and no hook after the "
                    + "backup undoes it; it was not run"
                return handle(.ended(.failed(words)))
            }
            frozen.append(Frozen(hook: hook, thaw: thaw, number: index))
            return .freeze(hook, thaw: thaw, number: index)
        }
    }

    /// A freeze that certainly did not happen needs no undoing.
    private mutating func settleFreeze(_ ending: Ending) {
        guard case .pre(let index) = state, case .failed = ending else { return }
        frozen.removeAll { $0.number == index }
    }

    /// What was thawed by another than us, before it should.
    private mutating func lament(_ thawed: Set<Int>) {
        for index in frozen.indices where thawed.contains(frozen[index].number) && !frozen[index].isThawed {
            frozen[index].isThawed = true
            messages.append(
                .init(
                    .error,
                    "the file system that \(frozen[index].hook.command.joined(separator: " ")) froze was thawed before its "
                        + "volumes were saved, so they are not of one moment; see 'How long a freeze can last' in "
                        + "docs/hooks.md"))
        }
    }

    // MARK: After

    private mutating func startPost(_ index: Int) -> Action {
        guard index < hooks.post.count else { return undo() }
        state = .post(index)
        attempted += 1
        return .run(hooks.post[index])
    }

    private mutating func settleThaw(_ ending: Ending, _ hook: BackupHook) {
        let near = frozen.indices.filter { isSameContainer(frozen[$0].hook, hook) }
        let same = near.filter { frozen[$0].thaw == hook.command }
        switch ending {
        case .moot: if hasWorked { lament(Set(same.filter { !frozen[$0].mayBeThawed }.map { frozen[$0].number })) }
        case .succeeded:
            for index in same { frozen[index].isThawed = true }
            guard FreezeCommand.isThaw(hook.command) else { break }
            for index in near { frozen[index].mayBeThawed = true }
        case .failed: break
        // What only it undoes is left to a successor; a freeze is thawed by itself, below.
        case .unknown: if same.isEmpty { hasLeftovers = true }
        }
        record(ending, hook, "after")
    }

    private func isSameContainer(_ one: BackupHook, _ other: BackupHook) -> Bool {
        hooks.container(of: one) == hooks.container(of: other)
    }

    /// Goes on with whatever is not undone yet.
    private mutating func undo() -> Action {
        guard let next = frozen.first else {
            guard needsNote, !hasLeftovers else {
                state = .finished
                return .finish
            }
            state = .forgetting
            return .forget
        }
        if next.isThawed {
            frozen.removeFirst()
            state = .dismissing
            return .dismiss(number: next.number)
        }
        state = .undoing
        return .thaw(next.hook, command: next.thaw, number: next.number)
    }

    private mutating func undone(_ ending: Ending) -> Action {
        guard !frozen.isEmpty else { return undo() }
        if ending.hasSucceeded {
            if ending == .moot, !frozen[0].mayBeThawed, hasWorked { lament([frozen[0].number]) }
            frozen[0].isThawed = true
            return undo()
        }
        let left = frozen.removeFirst()
        hasLeftovers = true
        messages.append(
            .init(
                .error,
                "the file system could not be thawed from here (\(ending.words)); its guard in the pod thaws it, and it is "
                    + "noted for the next run of Martlet"))
        state = .dismissing
        return .abandon(number: left.number)
    }

    private mutating func record(_ ending: Ending, _ hook: BackupHook, _ when: String, _ rest: String = "") {
        guard !ending.hasSucceeded else { return }
        failed += 1
        let place = hooks.container(of: hook) ?? hook.container ?? ""
        messages.append(
            .init(
                .error,
                "the hook \(when) the backup (\(hook.source), container \(place)) failed: \(ending.words)\(rest)"))
    }
}
