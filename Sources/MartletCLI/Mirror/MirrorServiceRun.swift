import Basics
import BucketMirror
import KubernetesModel
import ObjectStorage

/// `--watch`: the service and what is seen of it from outside, until the process is told to stop.
struct MirrorServiceRun: Sendable {
    private let service: MirrorService
    private let listen: String?
    private let doors: [String: NotificationDoor]
    private let context: CommandContext

    init(
        _ plan: MirrorPlan, _ watching: MirrorWatchOptions, _ reporting: MirrorOutputOptions, _ context: CommandContext
    ) {
        let console = MirrorConsole(
            console: context.console, detail: reporting.detail,
            source: plan.pairs.count == 1 ? plan.pairs[0].source.name : "",
            target: plan.pairs.count == 1 ? plan.pairs[0].target.name : "", clock: context.clock)
        service = MirrorService(pairs: plan.pairs, tools: context.mirrorTools(console))
        listen = watching.listen ?? plan.listen
        doors = plan.doors
        self.context = context
    }

    /// - Returns: `.done` once it was told to stop: that is how a service ends.
    func run() async throws -> ExitStatus {
        let server = try await listen.map { try ListenAddress($0) }.asyncMap { address in
            try await StatusServer.start(address, answer: answer, post: NotificationDoor.answer(doors, context))
        }
        if let server { context.console.note("listening on \(server.address): /metrics /health /status") }
        do {
            try await service.run()
        } catch {
            await server?.stop()
            guard error.code == .cancelled else { throw error }
            return .done
        }
        await server?.stop()
        return .done
    }

    private var answer: @Sendable (String) -> StatusAnswer? {
        { [service, context] path in
            let metrics = service.metrics
            switch path {
            case "/metrics":
                return StatusAnswer(
                    200, "text/plain; version=0.0.4; charset=utf-8",
                    MetricsText.text(metrics, now: context.wallClock.now()))
            // Alive: a restart would not help against a store that is down.
            case "/health", "/healthz", "/livez":
                return service.isAlive
                    ? StatusAnswer(200, "text/plain", "ok\n") : StatusAnswer(503, "text/plain", "stuck\n")
            case "/status", "/readyz":
                let isFine = metrics.allSatisfy(\.isHealthy)
                return StatusAnswer(
                    path == "/readyz" && !isFine ? 503 : 200, "application/json",
                    MetricsText.json(metrics, now: context.wallClock.now()).prettyPrinted())
            default: return nil
            }
        }
    }
}

extension Optional where Wrapped: Sendable {
    fileprivate func asyncMap<Result>(_ body: (Wrapped) async throws -> Result) async throws -> Result? {
        guard let self else { return nil }
        return try await body(self)
    }
}
