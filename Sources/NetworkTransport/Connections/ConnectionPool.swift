internal import NIOCore
internal import Synchronization
internal import Transport

/// The connections over one route. Whoever needs one gets the one that was used last, or a new one, or waits in line.
///
/// Bound: `limit` connections, counting those that are being made.
final class ConnectionPool: Sendable {
    fileprivate typealias Outcome = Result<Connection, TransportError>

    fileprivate struct Waiter {
        let id: UInt64
        let continuation: UnsafeContinuation<Outcome, Never>
        let timer: Scheduled<Void>
    }

    fileprivate struct State {
        /// The last is the one that was used last.
        var idle: [Connection] = []
        var all: [ObjectIdentifier: Connection] = [:]
        var connecting = 0
        var waiters: [Waiter] = []
        var lastID: UInt64 = 0
        /// Those that were cancelled before they stood in line.
        var expelled: Set<UInt64> = []
        var isShutDown = false
    }

    private let route: Route
    private let limit: Int
    private let patience: TimeAmount
    private let group: any EventLoopGroup
    /// Makes a connection for this pool.
    private let connect: @Sendable (ConnectionPool) -> EventLoopFuture<Connection>
    private let state = Mutex(State())

    init(
        _ route: Route, limit: Int, patience: TimeAmount, group: any EventLoopGroup,
        connect: @escaping @Sendable (ConnectionPool) -> EventLoopFuture<Connection>
    ) {
        self.route = route
        self.limit = limit
        self.patience = patience
        self.group = group
        self.connect = connect
    }

    /// The proxy that hands requests on; nil where connections lead to the server.
    var forwarder: ProxyEndpoint? { route.isForwarded ? route.proxy : nil }

    /// - Throws: `.connect` or `.tls` if no connection can be made or becomes free in time, `.cancelled`.
    func acquire() async throws(TransportError) -> Connection {
        if let connection = takeIdle() { return connection }
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let outcome: Outcome = await withTaskCancellationHandler {
            await withUnsafeContinuation { wait($0, id) }
        } onCancel: {
            expel(id, cancelledError)
        }
        state.withLock { _ = $0.expelled.remove(id) }
        return try outcome.get()
    }

    private func takeIdle() -> Connection? {
        state.withLock { state in
            // One of this thread's own saves two changes of thread; looked for among the few used last.
            let recent = state.idle.indices.suffix(8)
            if let here = recent.last(where: { state.idle[$0].isHere }) { return state.idle.remove(at: here) }
            return state.idle.popLast()
        }
    }

    private func wait(_ continuation: UnsafeContinuation<Outcome, Never>, _ id: UInt64) {
        // A little longer than a connection may take to be made, so that its own reason is told.
        let timer = group.next().scheduleTask(in: patience + .milliseconds(500)) {
            let text = "\(self.route): no connection became free in the time allowed"
            self.expel(id, TransportError(.connect, text))
        }
        let (outcome, mustConnect) = state.withLock { state -> (Outcome?, Bool) in
            if state.isShutDown { return (.failure(shutDownError), false) }
            if state.expelled.contains(id) { return (.failure(cancelledError), false) }
            if let connection = state.idle.popLast() { return (.success(connection), false) }
            state.waiters.append(Waiter(id: id, continuation: continuation, timer: timer))
            guard state.all.count + state.connecting < limit else { return (nil, false) }
            state.connecting += 1
            return (nil, true)
        }
        if let outcome {
            timer.cancel()
            continuation.resume(returning: outcome)
        }
        if mustConnect { makeConnection() }
    }

    private func expel(_ id: UInt64, _ error: TransportError) {
        let waiter = state.withLock { state -> Waiter? in
            let waiter = state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
            if waiter == nil { state.expelled.insert(id) }
            return waiter
        }
        waiter?.timer.cancel()
        waiter?.continuation.resume(returning: .failure(error))
    }

    private func makeConnection() {
        connect(self).whenComplete { result in
            switch result {
            case .success(let connection): self.add(connection)
            case .failure(let error): self.connectingFailed(TransportError(error, doing: self.route.description))
            }
        }
    }

    private func add(_ connection: Connection) {
        let isWanted = state.withLock { state in
            state.connecting -= 1
            guard !state.isShutDown else { return false }
            state.all[ObjectIdentifier(connection)] = connection
            return true
        }
        guard isWanted else { return connection.close() }
        connection.channel.closeFuture.whenComplete { _ in self.forget(connection) }
        release(connection)
    }

    /// One who waits is told; the others may have better luck.
    private func connectingFailed(_ error: TransportError) {
        let (waiter, mustConnect) = state.withLock { state -> (Waiter?, Bool) in
            state.connecting -= 1
            let waiter = state.waiters.isEmpty ? nil : state.waiters.removeFirst()
            return (waiter, state.reserveForWaiters(limit))
        }
        waiter?.timer.cancel()
        waiter?.continuation.resume(returning: .failure(error))
        if mustConnect { makeConnection() }
    }

    /// The connection is free.
    func release(_ connection: Connection) {
        let waiter = state.withLock { state -> Waiter? in
            guard state.all[ObjectIdentifier(connection)] != nil else { return nil }
            guard state.waiters.isEmpty else { return state.waiters.removeFirst() }
            state.idle.append(connection)
            return nil
        }
        waiter?.timer.cancel()
        waiter?.continuation.resume(returning: .success(connection))
    }

    private func forget(_ connection: Connection) {
        let mustConnect = state.withLock { state in
            state.all[ObjectIdentifier(connection)] = nil
            state.idle.removeAll { $0 === connection }
            return state.reserveForWaiters(limit)
        }
        if mustConnect { makeConnection() }
    }

    /// Closes everything; requests under way and in line fail with `.cancelled`.
    func shutDown() async {
        let (connections, waiters) = state.withLock { state in
            state.isShutDown = true
            state.idle = []
            defer { state.waiters = [] }
            return (Array(state.all.values), state.waiters)
        }
        for waiter in waiters {
            waiter.timer.cancel()
            waiter.continuation.resume(returning: .failure(shutDownError))
        }
        for connection in connections { connection.shutDown() }
        for connection in connections {
            // Closing has no error that anybody could act on.
            try? await connection.channel.closeFuture.get()
        }
    }

    private var cancelledError: TransportError { TransportError(.cancelled, "\(route): cancelled") }

    private var shutDownError: TransportError {
        TransportError(.cancelled, "\(route): the connections were shut down")
    }
}

extension ConnectionPool.State {
    /// Whether one more connection must be made for those in line; it is counted already.
    fileprivate mutating func reserveForWaiters(_ limit: Int) -> Bool {
        guard !isShutDown, waiters.count > connecting, all.count + connecting < limit else { return false }
        connecting += 1
        return true
    }
}
