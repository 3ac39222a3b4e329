package import Basics
package import KubernetesClient
internal import KubernetesModel
internal import Synchronization

/// Runs the hooks of pods around the saving of their volumes. A value; safe to use from any task.
///
/// `HookMachine` decides, this does: commands through the API server, notes in the cluster, a guard in the pod for each
/// frozen file system. Once something was begun it is undone, also when the task is cancelled: cancelling stops the work
/// between the hooks, never what comes after it. Memory: the outputs of one command.
package struct HookRun: Sendable {
    let client: APIClient
    let spec: BackupHooks
    let settings: HookSettings
    let clock: any Clock<Duration>
    let wallClock: WallClock

    /// - Parameters:
    ///   - client: with the rights to `get` pods, `create` and `get` `pods/exec`, and to write ConfigMaps.
    ///   - spec: the hooks of the backup itself.
    package init(
        client: APIClient, spec: BackupHooks, settings: HookSettings, clock: any Clock<Duration>, wallClock: WallClock
    ) {
        self.client = client
        self.spec = spec
        self.settings = settings
        self.clock = clock
        self.wallClock = wallClock
    }

    static let pods = ResourceKind(
        groupVersion: GroupVersion(apiVersion: "v1"), resource: "pods", kind: "Pod", isNamespaced: true)

    /// Does what comes before `work`, then `work`, then what comes after it.
    ///
    /// - Parameter uid: of the pod that is meant; another one of the same name is left alone.
    package func around(
        _ name: String, in namespace: String, uid: String, _ work: @escaping @Sendable () async -> Void
    ) async -> HookOutcome {
        let pod: APIObject
        do {
            guard let found = try await client.find(HookRun.pods, name, in: namespace) else { return gone("is gone") }
            pod = try found.decoded()
        } catch {
            return gone("cannot be read: \(ErrorChain.line(error))")
        }
        guard uid.isEmpty || pod.uid == uid else { return gone("was replaced by another since it was read") }
        let hooks = PodHooks(of: pod, spec: spec)
        guard !hooks.isEmpty else {
            await work()
            var outcome = HookOutcome()
            outcome.hasWorked = true
            outcome.messages = hooks.warnings.map { HookMessage(.warning, $0) }
            return outcome
        }
        return await undisturbed(pod, hooks, work)
    }

    private func gone(_ words: String) -> HookOutcome {
        var outcome = HookOutcome()
        outcome.messages = [
            HookMessage(.error, "the pod \(words), so its hooks were not run and its volumes not saved")
        ]
        return outcome
    }

    /// In a task of its own, because what was begun must be undone after this one is cancelled. It ends before this
    /// function does.
    private func undisturbed(
        _ pod: APIObject, _ hooks: PodHooks, _ work: @escaping @Sendable () async -> Void
    ) async -> HookOutcome {
        let worker = CancellableWork(work)
        let task = Task { await HookSequence(run: self, pod: pod, hooks: hooks).perform(worker) }
        return await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            worker.cancel()
        }
    }
}

/// Work that can be cancelled from outside, before it begins too.
final class CancellableWork: Sendable {
    private let work: @Sendable () async -> Void
    private let state = Mutex((task: Task<Void, Never>?.none, isCancelled: false))

    init(_ work: @escaping @Sendable () async -> Void) { self.work = work }

    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    func run() async {
        let task = state.withLock { state in
            let task = Task { await work() }
            if state.isCancelled { task.cancel() }
            state.task = task
            return task
        }
        await task.value
    }

    func cancel() {
        let task = state.withLock { state in
            state.isCancelled = true
            return state.task
        }
        task?.cancel()
    }
}
