package import Basics
package import KubernetesClient
internal import KubernetesModel

/// Undoes what a killed process left behind in pods, as its notes in the cluster tell. To be run by every process that
/// may run hooks, before it does anything else.
package struct HookRecovery: Sendable {
    /// What became of one note.
    package struct Report: Sendable, Hashable {
        package let note: HookNote
        /// Whether nothing is left to undo; the note is gone then.
        package let isUndone: Bool
        /// One line for people.
        package let message: String
    }

    private let client: APIClient
    private let known: [BackupHooks]
    private let holder: String
    private let clock: any Clock<Duration>
    private let wallClock: WallClock

    /// - Parameters:
    ///   - known: the hooks of backups that may have left something; commands that neither a pod nor one of these asks for
    ///     are not run.
    ///   - holder: whose notes are taken over at once; those of others once they have expired.
    package init(
        client: APIClient, known: [BackupHooks], holder: String, clock: any Clock<Duration>, wallClock: WallClock
    ) {
        self.client = client
        self.known = known
        self.holder = holder
        self.clock = clock
        self.wallClock = wallClock
    }

    init(_ run: HookRun) {
        self.init(
            client: run.client, known: [run.spec], holder: run.settings.holder, clock: run.clock,
            wallClock: run.wallClock)
    }

    /// Undoes everything that is due, note after note.
    /// - Parameter namespace: nil for all.
    /// - Throws: if the notes cannot be listed.
    package func run(in namespace: String? = nil) async throws(APIError) -> [Report] {
        let found = try await HookJournal(client).all(in: namespace)
        var reports: [Report] = []
        for note in found.notes where note.isDue(for: holder, at: wallClock.now()) {
            reports.append(await undo(note))
        }
        return reports
    }

    /// Undoes what `note` says.
    func undo(_ note: HookNote) async -> Report {
        let pod: APIObject
        do {
            guard let found = try await client.find(HookRun.pods, note.pod, in: note.namespace) else {
                return await goneWithPod(note)
            }
            pod = try found.decoded()
        } catch {
            return Report(
                note: note, isUndone: false, message: "\(place(note)) cannot be read: \(ErrorChain.line(error))")
        }
        guard pod.uid == note.podUID else { return await goneWithPod(note) }
        let (duties, doubtful) = note.vetted(by: pod, known: known)
        var failures = doubtful.map { "\(text($0)): neither the pod nor a known backup asks for this command" }
        for duty in duties {
            let ending = await run(duty, note)
            if !ending.hasSucceeded { failures.append("\(text(duty)): \(ending.words)") }
        }
        guard failures.isEmpty else {
            let words = failures.joined(separator: "; ")
            return Report(
                note: note, isUndone: false,
                message: "\(place(note)): what \(note.holder) began could not be undone: \(words)")
        }
        return await settle(note, "\(place(note)): undone what \(note.holder) had begun and did not end")
    }

    private func run(_ duty: HookNote.Duty, _ note: HookNote) async -> HookMachine.Ending {
        let command = ExecCommand(
            namespace: note.namespace, pod: note.pod, container: duty.container, command: duty.command,
            outputLimit: 16 << 10)
        let runner = PodCommand(client: client, command: command)
        if FreezeCommand.isThaw(duty.command) { return await runner.thaw(timeout: duty.timeout, clock: clock) }
        return await runner.ending(timeout: duty.timeout)
    }

    /// The pod is gone, and its containers with it: nobody can be told anything.
    private func goneWithPod(_ note: HookNote) async -> Report {
        let node = note.node.isEmpty ? "its node" : "node \(note.node)"
        return await settle(
            note,
            "\(place(note)) is gone; if \(node) still has a volume of it mounted and frozen, thaw it there with fsfreeze"
        )
    }

    private func settle(_ note: HookNote, _ message: String) async -> Report {
        do throws(APIError) {
            try await HookJournal(client).remove(note)
            return Report(note: note, isUndone: true, message: message)
        } catch {
            return Report(
                note: note, isUndone: false,
                message: "\(message); its note could not be removed: \(ErrorChain.line(error))")
        }
    }

    private func place(_ note: HookNote) -> String { "pod \(note.namespace)/\(note.pod)" }
    private func text(_ duty: HookNote.Duty) -> String { duty.command.joined(separator: " ") }
}
