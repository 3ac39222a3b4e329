internal import Basics
internal import KubernetesModel
internal import Transport

extension APIClient {
    /// How often a connection that waits for a command asks for a sign of life, and how long it may be silent. A peer
    /// that vanished without a word is noticed after the silence.
    package static let pingPause = Duration.seconds(10)
    static let longestSilence = Duration.seconds(30)

    /// Runs a command in a container and waits for its end. Needs the rights to `create` and `get` `pods/exec`.
    ///
    /// It is begun once: again only if the server cannot have seen the first request. Memory: `outputLimit` twice.
    ///
    /// - Parameters:
    ///   - stdin: what the command reads; nil for nothing. With v4 of the protocol (servers before 1.30) the command never
    ///     sees the end of it.
    ///   - timeout: for everything together. Afterwards the command may go on in the container: nothing can stop it.
    /// - Throws: `.timeout`; `.notFound` (no such pod), `.invalid` (no such container), `.forbidden`; `.server` if the
    ///   command could not be run; `.unreachable` if the connection was lost, when the command may have run.
    package func exec(
        _ command: ExecCommand, stdin: [UInt8]? = nil, timeout: Duration
    ) async throws(APIError) -> ExecResult {
        let place = "exec in \(command.namespace)/\(command.pod)"
        let outcome: Result<ExecResult, APIError> = await withTaskGroup(of: Result<ExecResult, APIError>?.self) {
            group in
            group.addTask {
                do throws(APIError) {
                    return .success(try await run(command, stdin: stdin))
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                do { try await sender.clock.sleep(for: timeout) } catch { return nil }
                return .failure(
                    APIError(.timeout, "\(place): not ended after \(timeout); the command may still be running"))
            }
            while let next = await group.next() {
                guard let result = next else { continue }
                group.cancelAll()
                return result
            }
            return .failure(APIError(.cancelled, "\(place): cancelled"))
        }
        return try outcome.get()
    }

    private func run(_ command: ExecCommand, stdin: [UInt8]?) async throws(APIError) -> ExecResult {
        let session = try await openExec(command, stdin: stdin != nil)
        if let stdin {
            try await session.write(stdin)
            _ = try await session.endInput()
        }
        return try await session.resultWhileAlive(sender.clock)
    }

    /// Begins a command, to be fed and waited for by the caller, who should `ping` it within `longestSilence`.
    package func openExec(_ command: ExecCommand, stdin: Bool) async throws(APIError) -> ExecSession {
        guard !command.command.isEmpty else {
            throw APIError(.malformed, "exec in \(command.namespace)/\(command.pod): no command")
        }
        let handshake = WebSocketHandshake(
            subprotocols: ExecMachine.subprotocols, nonce: (sender.random(), sender.random()))
        var request = try requests.exec(command, stdin: stdin, handshake)
        request.transport.headTimeout = APIClient.longestSilence
        request.transport.idleTimeout = APIClient.longestSilence
        let opened = request
        let response = try await sender.retrying(opened) { () async throws(APIError) in
            try await self.sender.open(opened)
        }
        let subprotocol: String
        do throws(TransportError) {
            subprotocol = try handshake.chosen(in: response.head)
        } catch {
            throw APIError(.unsupported, "\(request.subject): \(error.message)")
        }
        guard let outbound = response.outbound else {
            throw APIError(.configuration, "\(request.subject): this connection cannot carry a WebSocket")
        }
        let machine = ExecMachine(request.subject, subprotocol: subprotocol, outputLimit: command.outputLimit)
        let socket = WebSocketSender(outbound, random: sender.random)
        return ExecSession(socket, response.body, machine, subject: request.subject)
    }
}

extension ExecSession {
    /// `result()`, with pings on the way so that silence means something.
    package func resultWhileAlive(
        _ clock: any Clock<Duration>, ping pause: Duration = APIClient.pingPause,
        _ heard: @escaping @Sendable (ArraySlice<UInt8>) -> Void = { _ in }
    ) async throws(APIError) -> ExecResult {
        let outcome = await withTaskGroup(of: Result<ExecResult, APIError>?.self) { group in
            group.addTask {
                await self.keepPinging(clock, pause)
                return nil
            }
            group.addTask {
                do throws(APIError) {
                    return .success(try await self.result(heard))
                } catch {
                    return .failure(error)
                }
            }
            while let next = await group.next() {
                guard let result = next else { continue }
                group.cancelAll()
                return result
            }
            return Result<ExecResult, APIError>.failure(APIError(.cancelled, "exec: cancelled"))
        }
        return try outcome.get()
    }

    /// Ends with the task, or with a connection that takes nothing more, which the reader notices too.
    private func keepPinging(_ clock: any Clock<Duration>, _ pause: Duration) async {
        do {
            while true {
                try await clock.sleep(for: pause)
                try await ping()
            }
        } catch {}
    }
}
