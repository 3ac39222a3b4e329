import Basics
import ClusterBackup
import KubernetesClient
import KubernetesModel
import MartletTestSupport
import NIOCore
import PracticeCluster
import Synchronization
import Transport

/// A pod `app/db` of a practice cluster whose container has one file system, which can be frozen, and a process that is
/// killed when a test wants it.
final class PracticePod: Sendable {
    struct World: Sendable {
        var isFrozen = false
        var commands: [String] = []
        /// Commands that the cluster took on, and those that have ended.
        var begun = 0
        var ended = 0
        /// The guards' container was killed.
        var isKilled = false
        /// What other commands do.
        var failing: Set<String> = []
        var freezeFails = false
        var thawFails = 0
        var guardPeers: [WebSocketPeer] = []
    }

    let cluster: PracticeCluster
    let world = Mutex(World())
    let wallTime = Mutex(Timestamp(seconds: 1_795_000_000))
    let uid: String

    init(
        _ annotations: [String: String] = PracticePod.freezing, settings: PracticeSettings = PracticeSettings()
    ) {
        cluster = PracticeCluster(settings)
        cluster.request("POST", "/api/v1/namespaces", ["metadata": ["name": "app"]])
        let made = cluster.request(
            "POST", "/api/v1/namespaces/app/pods",
            [
                "metadata": ["name": "db", "annotations": .object(annotations.mapValues { .string($0) })],
                "spec": ["nodeName": "node1", "containers": [["name": "main", "image": "i"]]],
            ])
        uid = made.body["metadata", "uid"]?.string ?? ""
        cluster.answerExec { [self] exec in
            await answer(exec)
            world.withLock { $0.ended += 1 }
        }
    }

    static let freezing = [
        "pre.hook.backup.velero.io/command": #"["/sbin/fsfreeze","--freeze","/data"]"#,
        "pre.hook.backup.velero.io/on-error": "Fail",
        "post.hook.backup.velero.io/command": #"["/sbin/fsfreeze","--unfreeze","/data"]"#,
    ]

    var isFrozen: Bool { world.withLock { $0.isFrozen } }
    var commands: [String] { world.withLock { $0.commands } }
    var notes: [String] { cluster.names("configmaps", in: "app").filter { $0.contains("martlet-hooks-") } }

    /// A client whose connections end, all at once, after some operations.
    func run(
        _ death: MortalTransport.Death? = nil, holder: String = "server", spec: BackupHooks = BackupHooks()
    ) throws -> (HookRun, MortalTransport) {
        let transport = MortalTransport(self, death)
        let run = HookRun(
            client: try client(transport), spec: spec, settings: HookSettings(holder: holder), clock: StillClock(),
            wallClock: wallClock)
        return (run, transport)
    }

    func around(
        _ run: HookRun, _ work: @escaping @Sendable () async -> Void = {}
    ) async -> HookOutcome {
        await run.around("db", in: "app", uid: uid, work)
    }

    func recovery(holder: String = "server", known: [BackupHooks] = []) throws -> HookRecovery {
        HookRecovery(
            client: try client(MortalTransport(self, nil)), known: known, holder: holder, clock: StillClock(),
            wallClock: wallClock)
    }

    var wallClock: WallClock { WallClock { self.wallTime.withLock { $0 } } }

    private func client(_ transport: any HTTPTransport) throws -> APIClient {
        APIClient(
            endpoint: try APIEndpoint("https://practice"), transport: transport, policy: .never, clock: StillClock(),
            random: { 3 })
    }

    /// Kills every process in the container, as when it runs out of memory.
    func killContainer() async {
        let peers = world.withLock { world in
            world.isKilled = true
            return world.guardPeers
        }
        for peer in peers { await peer.close() }
    }

    /// Waits until nothing runs in the container any more.
    func guardsHaveEnded() async {
        while world.withLock({ $0.ended < $0.begun }) { await Task.yield() }
    }

    // MARK: The container

    private func answer(_ exec: PracticeExec) async {
        let words = exec.command.joined(separator: " ")
        world.withLock { $0.commands.append(words.hasPrefix("/bin/sh -c freeze()") ? "guarded freeze" : words) }
        if words.hasPrefix("/bin/sh -c freeze()") { return await guardFreeze(exec) }
        if FreezeCommand.isThaw(exec.command) { return await thaw(exec) }
        let fails = world.withLock { $0.failing.contains(words) }
        if fails { await exec.complain("no luck\n") }
        await exec.exit(fails ? 5 : 0)
    }

    private func guardFreeze(_ exec: PracticeExec) async {
        let isDone = world.withLock { world in
            if world.freezeFails || world.isFrozen { return false }
            world.isFrozen = true
            world.guardPeers.append(exec.peer)
            return true
        }
        guard isDone else {
            await exec.complain("fsfreeze: /data: freeze failed: Device or resource busy\n")
            await exec.say("martlet: frozen 1\n")
            return await exec.exit(1)
        }
        await exec.say("martlet: frozen 0\n")
        while let input = await exec.input() {
            guard String(decoding: input, as: UTF8.self).contains("done") else { continue }
            return await exec.exit()
        }
        // The input has ended: nobody is there any more. Or the container itself was killed, with the guard in it.
        let isAlive = world.withLock { world in
            if !world.isKilled { world.isFrozen = false }
            return !world.isKilled
        }
        guard isAlive else { return }
        await exec.say("martlet: thawed\n")
        await exec.exit()
    }

    private func thaw(_ exec: PracticeExec) async {
        let (code, words) = world.withLock { world -> (Int, String) in
            if world.thawFails > 0 {
                world.thawFails -= 1
                return (7, "cannot fork\n")
            }
            guard world.isFrozen else { return (1, "fsfreeze: /data: unfreeze failed: Invalid argument\n") }
            world.isFrozen = false
            return (0, "")
        }
        if !words.isEmpty { await exec.complain(words) }
        await exec.exit(code)
    }
}

/// Passes requests on until its process is killed; from then on nothing gets through and every connection ends.
final class MortalTransport: HTTPTransport {
    struct Death: Sendable, Hashable, CustomStringConvertible {
        /// How many requests and writes still happen.
        let after: Int
        /// Whether the next one still happens, unheard.
        let hasLastAct: Bool

        var description: String { "after \(after)\(hasLastAct ? " and a half" : "")" }
    }

    private struct State {
        var count = 0
        var isDead = false
        var relays: [Relay] = []
    }

    private let pod: PracticePod
    private let death: Death?
    private let state = Mutex(State())

    init(_ pod: PracticePod, _ death: Death?) {
        self.pod = pod
        self.death = death
    }

    /// Requests and writes that were asked for.
    var count: Int { state.withLock { $0.count } }
    var isDead: Bool { state.withLock { $0.isDead } }

    /// The process is killed now.
    func kill() {
        let relays = state.withLock { state in
            state.isDead = true
            return state.relays
        }
        for relay in relays { relay.cut() }
    }

    private enum Fate { case happens, happensUnheard, nothing }

    private func fate() -> Fate {
        state.withLock { state in
            if state.isDead { return .nothing }
            state.count += 1
            guard let death, state.count > death.after else { return .happens }
            state.isDead = true
            return death.hasLastAct ? .happensUnheard : .nothing
        }
    }

    private var dead: TransportError { TransportError(.broken, "the process is dead") }

    func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
        switch fate() {
        case .nothing:
            kill()
            throw dead
        case .happensUnheard:
            let response = try await pod.cluster.send(request)
            if response.outbound != nil { pod.world.withLock { $0.begun += 1 } }
            kill()
            throw dead
        case .happens: break
        }
        let response = try await pod.cluster.send(request)
        guard let outbound = response.outbound else { return response }
        pod.world.withLock { $0.begun += 1 }
        let mortal = OutboundBytes { (bytes) async throws(TransportError) in
            let fate = self.fate()
            if fate != .nothing { try await outbound.write(bytes) }
            guard fate == .happens else {
                self.kill()
                throw self.dead
            }
        }
        let relay = Relay(response.body)
        state.withLock { $0.relays.append(relay) }
        return TransportResponse(head: response.head, body: relay.body, outbound: mortal)
    }

    /// A body that can be cut off.
    private final class Relay: Sendable {
        private let channel: BoundedChannel<ByteBuffer>
        private let task: Task<Void, Never>

        init(_ body: ByteStream) {
            let channel = BoundedChannel<ByteBuffer>(limit: 8)
            self.channel = channel
            task = Task {
                do {
                    for try await chunk in body { try await channel.send(chunk) }
                } catch {}  // Cut, or broken: the end either way.
                channel.finish()
            }
        }

        var body: ByteStream {
            ByteStream {
                {
                    let chunk = await withTaskCancellationHandler {
                        await self.channel.next()
                    } onCancel: {
                        self.cut()
                    }
                    if chunk == nil { try Task.checkCancellation() }
                    return chunk
                }
            }
        }

        func cut() {
            task.cancel()
            channel.cancel()
        }
    }
}

/// A clock on which short pauses are over at once, and nothing else ever comes due: what waits, waits until it is cancelled.
struct StillClock: Clock, Sendable {
    typealias Instant = ContinuousClock.Instant

    var now: Instant { ContinuousClock.now }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        guard now.duration(to: deadline) > .seconds(9) else { return await Task.yield() }
        try await ContinuousClock().sleep(for: .seconds(36_000))
    }
}

extension PracticePod {
    /// Puts a note into the cluster as a process would.
    func add(_ note: HookNote) async throws {
        let client = APIClient(
            endpoint: try APIEndpoint("https://practice"), transport: cluster, policy: .never, clock: StillClock(),
            random: { 3 })
        try await HookJournal(client).add(note)
    }
}
