internal import Basics
internal import KubernetesClient
package import KubernetesModel
internal import Synchronization

/// The hooks of all pods of one backup: what is done before any, around each, and how many there were. Safe to use from any
/// task.
package final class HookStage: Sendable {
    private let run: HookRun
    private let totals = Mutex((attempted: 0, failed: 0))

    package init(_ run: HookRun) { self.run = run }

    /// For `hookStatus`.
    package var attempted: Int { totals.withLock { $0.attempted } }
    package var failed: Int { totals.withLock { $0.failed } }

    /// Undoes what killed processes have left behind, before anything else is done.
    package func undoLeftovers() async -> [HookMessage] {
        do throws(APIError) {
            let reports = try await HookRecovery(run).run()
            return reports.map { HookMessage($0.isUndone ? .warning : .error, $0.message) }
        } catch {
            // Who may not list ConfigMaps everywhere takes over the notes of each pod when its turn comes.
            guard error.code != .forbidden, error.code != .cancelled else { return [] }
            let words = "what former backups may have left frozen could not be looked up: \(ErrorChain.line(error))"
            return [HookMessage(.warning, words)]
        }
    }

    /// Does what comes before `work`, then `work`, then what comes after it.
    ///
    /// - Parameter pod: as it was listed; asked for again only if it has hooks.
    package func around(_ pod: APIObject, _ work: @escaping @Sendable () async -> Void) async -> HookOutcome {
        let hooks = PodHooks(of: pod, spec: run.spec)
        guard !hooks.isEmpty else {
            await work()
            var outcome = HookOutcome()
            outcome.hasWorked = true
            outcome.messages = hooks.warnings.map { HookMessage(.warning, $0) }
            return outcome
        }
        let outcome = await run.around(pod.name, in: pod.namespace ?? "", uid: pod.uid ?? "", work)
        totals.withLock { totals in
            totals.attempted += outcome.attempted
            totals.failed += outcome.failed
        }
        return outcome
    }
}
