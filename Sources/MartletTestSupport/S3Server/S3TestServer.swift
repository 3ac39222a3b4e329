package import Basics
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// An S3 server of our own over real HTTP on 127.0.0.1, that fails on purpose: versions, MD5 tags, multipart uploads,
/// conditional writes, object lock, and MinIO's stream of events. It checks signatures, digests and the date.
///
/// What it answers depends on nothing but the requests and the planned faults. Everything is in memory. `stop()` it, or
/// use `withS3TestServer`.
///
/// Differences from Amazon's: no ACLs, policies, encryption, lifecycle; ListObjects version 1 is answered as version 2.
package final class S3TestServer: Sendable {
    package static let accessKey = "test-access-key"
    package static let secretKey = "test/secret+key"

    /// `http://127.0.0.1:PORT`; the same after `goDown` and `comeUp`.
    package let endpoint: String
    private let port: Int
    private let group: MultiThreadedEventLoopGroup
    private let state: Mutex<ServerState>
    private let listening = Mutex<(any Channel)?>(nil)
    private let lastConnection = Atomic(0)
    private let clock: WallClock

    /// - Parameter clock: the server's time; see also `setClock`.
    package static func start(clock: WallClock = .ofTheMachine) async throws -> S3TestServer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let relay = ServerRelay()
        let channel = try await bootstrap(group, relay).bind(host: "127.0.0.1", port: 0).get()
        let server = S3TestServer(port: channel.localAddress?.port ?? 0, group, clock)
        relay.server.withLock { $0 = server }
        server.listening.withLock { $0 = channel }
        return server
    }

    private init(port: Int, _ group: MultiThreadedEventLoopGroup, _ clock: WallClock) {
        endpoint = "http://127.0.0.1:\(port)"
        self.port = port
        self.group = group
        self.clock = clock
        let check = SignatureCheck(accessKey: S3TestServer.accessKey, secretKey: S3TestServer.secretKey)
        state = Mutex(ServerState(signatures: check))
    }

    package func stop() async {
        await goDown()
        try? await group.shutdownGracefully()  // It fails only if it was stopped before.
    }

    // MARK: The machine beneath

    /// Connections are cut, new ones refused, until `comeUp`.
    package func goDown() async {
        let channel = listening.withLock { channel in
            defer { channel = nil }
            return channel
        }
        try? await channel?.close()  // It fails only if it is closed.
        await cutConnections()
    }

    package func comeUp() async throws {
        let relay = ServerRelay()
        relay.server.withLock { $0 = self }
        let channel = try await S3TestServer.bootstrap(group, relay).bind(host: "127.0.0.1", port: port).get()
        listening.withLock { $0 = channel }
    }

    /// Every connection is reset, streams of events too; new ones are taken.
    package func cutConnections() async {
        let channels = state.withLock { Array($0.connections.values) }
        for channel in channels {
            try? await channel.eventLoop.submit { channel.reset() }.get()  // The loop runs as long as the server.
        }
    }

    /// While true, connections are taken and nothing is ever answered or told: a peer behind a dead network.
    package func setSilent(_ isSilent: Bool) {
        state.withLock { $0.isSilent = isSilent }
        flush()
    }

    /// What the server's clock shows more than the machine's.
    package func setClock(offset: Duration) { state.withLock { $0.clockOffset = offset } }

    /// Requests signed with another key are refused from now on.
    package func setSecretKey(_ key: String) { state.withLock { $0.signatures.secretKey = key } }

    // MARK: Faults

    package func plan(_ rules: S3FaultRule...) { state.withLock { $0.plan.add(rules) } }
    package func clearFaults() { state.withLock { $0.plan.clear() } }
    /// How many requests met a planned fault.
    package var faultsMet: Int { state.withLock { $0.plan.met } }
    /// How many requests of that kind came, refused ones included.
    package func count(_ operation: S3Operation) -> Int { state.withLock { $0.counts[operation] ?? 0 } }
    package var requests: Int { state.withLock { $0.counts.values.reduce(0, +) } }

    /// Listings show the buckets as they are now, until `thawListings`.
    package func freezeListings() { state.withLock { $0.world.staleBuckets = $0.world.buckets } }
    package func thawListings() { state.withLock { $0.world.staleBuckets = nil } }

    // MARK: Events

    package func setEventFaults(_ faults: S3EventFaults) { state.withLock { $0.mangler.faults = faults } }
    /// How many events the faults swallowed.
    package var droppedEvents: Int { state.withLock { $0.mangler.dropped } }
    /// How many streams of events are open.
    package var listeners: Int { state.withLock { $0.listeners.count } }

    /// While true, events wait; they are told when it ends.
    package func setHoldingEvents(_ holds: Bool) {
        state.withLock { state in
            state.holdsEvents = holds
            if !holds { state.tellRest() }
        }
        flush()
    }

    /// The listen request is answered as stores answer it that have no such stream: with a listing.
    package func setListenUnsupported(_ isUnsupported: Bool) {
        state.withLock { $0.listensAsOtherStores = isUnsupported }
    }

    /// Every stream ends cleanly, as when a server is restarted.
    package func endStreams() async {
        for listener in state.withLock({ Array($0.listeners.values) }) {
            // It fails only if the stream is gone already.
            try? await listener.channel.writeAndFlush(HTTPServerResponsePart.end(nil))
            try? await listener.channel.close()
        }
    }

    /// Sends `text` as it is to every stream: blanks, half a line, XML.
    package func sendToStreams(_ text: String) {
        state.withLock { state in
            for id in state.listeners.keys { state.outbox.append((id, text)) }
        }
        flush()
    }

    // MARK: For the connections

    var isSilent: Bool { state.withLock { $0.isSilent } }
    var now: Timestamp { clock.now() + state.withLock { $0.clockOffset } }

    func judge(_ request: ServerRequest) -> ServerState.Verdict {
        let verdict = state.withLock { $0.judge(request, at: clock.now()) }
        flush()
        return verdict
    }

    func add(_ listener: ServerState.Listener, _ id: Int) { state.withLock { $0.listeners[id] = listener } }

    func connect(_ channel: any Channel) -> Int {
        let id = lastConnection.add(1, ordering: .relaxed).newValue
        state.withLock { $0.connections[id] = channel }
        return id
    }

    func forget(_ id: Int) {
        state.withLock { state in
            state.connections[id] = nil
            state.listeners[id] = nil
        }
    }

    func change<Result: Sendable>(_ body: (inout ServedWorld, Timestamp) -> Result) -> Result {
        let result = state.withLock { $0.change(at: clock.now(), body) }
        flush()
        return result
    }

    func look<Result: Sendable>(_ body: (ServedWorld) -> Result) -> Result { state.withLock { body($0.world) } }

    /// Sends what listeners are to hear, in order: always from the one event loop.
    private func flush() {
        guard state.withLock({ !$0.outbox.isEmpty }) else { return }
        group.next().execute {
            for (channel, text) in self.state.withLock({ $0.takeOutbox() }) {
                channel.writeAndFlush(
                    HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: text))), promise: nil)
            }
        }
    }

    private static func bootstrap(_ group: MultiThreadedEventLoopGroup, _ relay: ServerRelay) -> ServerBootstrap {
        ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let server = relay.server.withLock({ $0 }) else { throw ChannelError.eof }
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false, withErrorHandling: false)
                    try pipeline.addHandler(ExchangeHandler(server: server, id: server.connect(channel)))
                }
            }
    }
}

/// The server that connections belong to: it is made after its socket, whose port it is told.
private final class ServerRelay: Sendable {
    let server = Mutex<S3TestServer?>(nil)
}

extension WallClock {
    /// The machine's own.
    package static let ofTheMachine = WallClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec))
    }
}

/// Gives `body` a server and stops it afterwards.
package func withS3TestServer<Result>(
    clock: WallClock = .ofTheMachine, _ body: (S3TestServer) async throws -> Result
) async throws -> Result {
    let server = try await S3TestServer.start(clock: clock)
    do {
        let result = try await body(server)
        await server.stop()
        return result
    } catch {
        await server.stop()
        throw error
    }
}
