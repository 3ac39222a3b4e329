internal import Basics
internal import KubernetesClient
internal import KubernetesModel
internal import VeleroAPI

/// The hooks of one pod, once: does what `HookMachine` says, one action after the other.
struct HookSequence: Sendable {
    let run: HookRun
    let pod: APIObject
    let hooks: PodHooks

    private var namespace: String { pod.namespace ?? "" }
    private var longestFreeze: Duration {
        let text = pod.annotations[HookNote.longestFreezeAnnotation] ?? ""
        return GoDuration.parse(text).flatMap { $0 > .zero ? $0 : nil } ?? run.settings.longestFreeze
    }

    func perform(_ work: CancellableWork) async -> HookOutcome {
        await withTaskGroup(of: Void.self) { group in
            var machine = HookMachine(hooks)
            var guards: [Int: FreezeGuard] = [:]
            var note: HookNote?
            var warnings: [HookMessage] = []
            var action = machine.handle(.begin)
            while action != .finish {  // The machine ends: each action moves it on.
                switch action {
                case .note:
                    let (written, refused, warning) = await write(work)
                    note = written
                    if let warning { warnings.append(warning) }
                    if let note { group.addTask { await keepRenewing(note) } }
                    action = machine.handle(.noted(refused: refused))
                case .run(let hook):
                    // Nobody waits for a cancelled backup's hooks before it; those after it are never left out.
                    let isVain = !machine.hasBegunUndoing && work.isCancelled
                    let isPatient = machine.mayHaveActed
                    action = machine.handle(
                        .ended(isVain ? .failed("the backup was cancelled") : await ending(of: hook, isPatient)))
                case .freeze(let hook, let thaw, let number):
                    guard !work.isCancelled else {
                        action = machine.handle(.ended(.failed("the backup was cancelled")))
                        continue
                    }
                    let (ending, watch) = await freeze(hook, thaw, &group)
                    guards[number] = watch
                    action = machine.handle(.ended(ending))
                case .work:
                    await work.run()
                    action = machine.handle(.worked(thawed: Set(guards.filter(\.value.hasThawed).keys)))
                case .thaw(let hook, let command, _):
                    action = machine.handle(.ended(await thaw(hook, command)))
                case .dismiss(let number):
                    await dismiss(guards[number])
                    action = machine.handle(.done)
                case .abandon(let number):
                    await abandon(guards[number])
                    action = machine.handle(.done)
                case .forget:
                    if let warning = await forget(note) { warnings.append(warning) }
                    action = machine.handle(.done)
                case .finish: break
                }
            }
            group.cancelAll()
            return outcome(machine, warnings)
        }
    }

    private func outcome(_ machine: HookMachine, _ warnings: [HookMessage]) -> HookOutcome {
        var outcome = HookOutcome()
        outcome.hasWorked = machine.hasWorked
        outcome.attempted = machine.attempted
        outcome.failed = machine.failed
        outcome.messages = machine.messages + warnings
        return outcome
    }

    // MARK: Notes

    private func write(_ work: CancellableWork) async -> (HookNote?, refused: String?, HookMessage?) {
        let note = HookNote(
            namespace: namespace, pod: pod.name, podUID: pod.uid ?? "",
            node: pod.json["spec", "nodeName"]?.string ?? "",
            holder: run.settings.holder, expires: run.wallClock.now() + run.settings.noteLasts,
            duties: HookNote.duties(of: hooks))
        let journal = HookJournal(run.client)
        do throws(APIError) {
            do throws(APIError) {
                try await journal.add(note)
            } catch {
                guard error.code == .alreadyExists, let other = try await journal.find(note) else { throw error }
                guard other.isDue(for: run.settings.holder, at: run.wallClock.now()) else {
                    return (nil, "its hooks were not run and its volumes not saved: \(other.holder) is at it", nil)
                }
                // Whoever wrote it is gone. What it left behind is undone first.
                let report = await HookRecovery(run).undo(other)
                guard report.isUndone else { return (nil, report.message, nil) }
                try await journal.add(note)
            }
            return (note, nil, nil)
        } catch {
            // The guards in the pod do not need it.
            let text =
                "its hooks could not be noted in the cluster (\(ErrorChain.line(error))): if this process is killed, nothing "
                + "runs the hooks after the backup; a frozen file system is thawed all the same"
            return (nil, nil, HookMessage(.warning, text))
        }
    }

    private func keepRenewing(_ note: HookNote) async {
        var note = note
        do {
            while true {
                try await run.clock.sleep(for: run.settings.noteLasts / 6)
                note.expires = run.wallClock.now() + run.settings.noteLasts
                try await renew(note)
            }
        } catch {}
    }

    /// A renewal that fails is made up for by the next.
    private func renew(_ note: HookNote) async throws(CancellationError) {
        do throws(APIError) {
            try await HookJournal(run.client).renew(note)
        } catch {
            if error.code == .cancelled { throw CancellationError() }
        }
    }

    private func forget(_ note: HookNote?) async -> HookMessage? {
        guard let note else { return nil }
        do throws(APIError) {
            try await HookJournal(run.client).remove(note)
            return nil
        } catch {
            return HookMessage(
                .warning,
                "the ConfigMap \(note.namespace)/\(note.name) could not be removed (\(ErrorChain.line(error))); it goes with the "
                    + "pod, or with the next run")
        }
    }

    // MARK: Commands

    private func command(_ hook: BackupHook, _ words: [String]) -> ExecCommand? {
        hooks.container(of: hook).map {
            ExecCommand(namespace: namespace, pod: pod.name, container: $0, command: words, outputLimit: 16 << 10)
        }
    }

    private func noContainer(_ hook: BackupHook) -> HookMachine.Ending {
        .failed(
            "the pod has no container '\(hook.container ?? "")'; it has \(hooks.containers.joined(separator: ", "))")
    }

    /// Runs a hook once. Undoing what may be frozen is tried again.
    private func ending(of hook: BackupHook, _ isPatient: Bool) async -> HookMachine.Ending {
        if FreezeCommand.isThaw(hook.command) { return await thaw(hook, hook.command, isPatient) }
        return await once(hook, hook.command)
    }

    private func once(_ hook: BackupHook, _ words: [String]) async -> HookMachine.Ending {
        guard let command = command(hook, words) else { return noContainer(hook) }
        return await PodCommand(client: run.client, command: command).ending(timeout: hook.timeout)
    }

    private func thaw(_ hook: BackupHook, _ words: [String], _ isPatient: Bool = true) async -> HookMachine.Ending {
        guard let command = command(hook, words) else { return noContainer(hook) }
        return await PodCommand(client: run.client, command: command)
            .thaw(timeout: hook.timeout, isPatient: isPatient, clock: run.clock)
    }

    // MARK: Guards

    private func freeze(
        _ hook: BackupHook, _ thaw: [String], _ group: inout TaskGroup<Void>
    ) async -> (HookMachine.Ending, FreezeGuard?) {
        let script = FreezeScript(
            freeze: hook.command, thaw: thaw, silence: run.settings.silence, longest: longestFreeze,
            patience: hook.timeout)
        guard let command = command(hook, script.command) else { return (noContainer(hook), nil) }
        let watch = FreezeGuard(run.client, command, clock: run.clock)
        let beat = run.settings.beat
        group.addTask { await watch.follow() }
        group.addTask { await watch.keepBeating(every: beat) }
        switch await watch.next(within: hook.timeout) {
        case .frozen(0): return (.succeeded, watch)
        case .frozen(let code):
            // Its last words come with its end.
            _ = await watch.next(within: HookSettings.lastWords)
            return (.failed("it ended with code \(code)\(watch.words.isEmpty ? "" : ": \(watch.words)")"), watch)
        case .thawed: return (.unknown("it was undone at once"), watch)
        case .ended(let words, inVain: true):
            let rule = "a freeze needs /bin/sh and sleep in its container, which thaw it if all else fails"
            return (.failed("\(words)\(watch.words.isEmpty ? "" : ": \(watch.words)"); \(rule)"), watch)
        case .ended(let words, inVain: false):
            // Whether the freeze had begun is not known; undoing what was not done harms nothing.
            return (.unknown("\(words)\(watch.words.isEmpty ? "" : ": \(watch.words)")"), watch)
        case .late: return (.unknown("not ended after \(GoDuration.text(hook.timeout))"), watch)
        }
    }

    private func dismiss(_ watch: FreezeGuard?) async {
        guard let watch, !watch.hasEnded else { return }
        await watch.dismiss()
        _ = await watch.next(within: HookSettings.lastWords)
    }

    private func abandon(_ watch: FreezeGuard?) async {
        guard let watch, !watch.hasEnded, await watch.abandon() else { return }
        _ = await watch.next(within: HookSettings.lastWords)
    }
}
