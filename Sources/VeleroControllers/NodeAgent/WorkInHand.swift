internal import ControllerRuntime
internal import Synchronization
internal import VeleroAPI

/// What a node agent is doing just now, so that it can be told to stop, and what it has done and could not yet write down.
final class WorkInHand<Object: VeleroObject>: Sendable {
    private struct State {
        /// Objects that are about to be worked on, or are.
        var entered: Set<NamespacedObject> = []
        var running: [NamespacedObject: Task<Object, Never>] = [:]
        /// Objects that somebody wants stopped.
        var cancelled: Set<NamespacedObject> = []
        /// Results that the API server has not taken yet, by uid of the object.
        var unwritten: [String: Object] = [:]
    }

    private let state = Mutex(State())

    /// To be called before the object is taken over: from then on `stop` is heard. Ends with `run`, or with `leave`.
    func enter(_ place: NamespacedObject) { state.withLock { _ = $0.entered.insert(place) } }

    func leave(_ place: NamespacedObject) {
        state.withLock { state in
            state.entered.remove(place)
            state.cancelled.remove(place)
        }
    }

    /// Runs `work` as the one piece of work for this object. If the present task is cancelled, so is the work.
    ///
    /// - Returns: the result, and whether it was stopped because somebody asked for that.
    func run(
        _ place: NamespacedObject, _ work: @escaping @Sendable () async -> Object
    ) async -> (result: Object, wasAskedToStop: Bool) {
        let task = Task { await work() }
        let isCancelled = state.withLock { state in
            state.running[place] = task
            return state.cancelled.contains(place)
        }
        if isCancelled { task.cancel() }
        let result = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        let wasAsked = state.withLock { state in
            state.running[place] = nil
            state.entered.remove(place)
            return state.cancelled.remove(place) != nil
        }
        return (result, wasAsked)
    }

    /// Stops the work on an object, if there is any.
    func stop(_ place: NamespacedObject) {
        let task = state.withLock { state -> Task<Object, Never>? in
            guard state.entered.contains(place) else { return nil }
            state.cancelled.insert(place)
            return state.running[place]
        }
        task?.cancel()
    }

    func keep(_ result: Object, uid: String) { state.withLock { $0.unwritten[uid] = result } }
    func kept(uid: String) -> Object? { state.withLock { $0.unwritten[uid] } }
    func forget(uid: String) { state.withLock { $0.unwritten[uid] = nil } }
}
