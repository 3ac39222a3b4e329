internal import Basics
internal import HTTPTypes
internal import KubernetesModel
internal import NIOCore
internal import Transport

/// Sends requests: adds the credentials, reads `Status` answers, tries again where that is safe. The one place that does.
struct Sender: Sendable {
    let transport: any HTTPTransport
    let credentials: any CredentialSource
    private(set) var policy: RetryPolicy
    let clock: any Clock<Duration>
    let random: @Sendable () -> UInt64

    /// An answer that is not streamed is refused beyond this: etcd's limit is 1.5 MiB for an object, discovery documents
    /// of clusters with thousands of kinds have some megabytes.
    static let largestAnswer = 64 << 20

    init(
        transport: any HTTPTransport, credentials: any CredentialSource, policy: RetryPolicy,
        clock: any Clock<Duration>,
        random: @escaping @Sendable () -> UInt64
    ) {
        self.transport = transport
        self.credentials = credentials
        self.policy = policy
        self.clock = clock
        self.random = random
    }

    func with(_ policy: RetryPolicy) -> Sender {
        var copy = self
        copy.policy = policy
        return copy
    }

    /// The whole body of the answer, which has a 2xx status.
    func send(_ request: APIRequest) async throws(APIError) -> [UInt8] {
        try await answer(to: request).body
    }

    func answer(to request: APIRequest) async throws(APIError) -> (head: HTTPResponse, body: [UInt8]) {
        try await retrying(request) { () async throws(APIError) in
            let response = try await self.open(request)
            return (response.head, try await Sender.collect(response.body, request.subject))
        }
    }

    /// Runs `operation` until it succeeds or another try makes no sense. `operation` sends `request` once.
    func retrying<Result>(
        _ request: APIRequest, _ operation: () async throws(APIError) -> Result
    ) async throws(APIError) -> Result {
        try await retrying(request, clock: clock, operation)
    }

    private func retrying<Result, C: Clock<Duration>>(
        _ request: APIRequest, clock: C, _ operation: () async throws(APIError) -> Result
    ) async throws(APIError) -> Result {
        var decision = RetryDecision(policy: policy)
        let start = clock.now
        while true {  // Ends with a result or an error; `decision` limits the turns.
            let failure: APIError
            do throws(APIError) { return try await operation() } catch { failure = error }
            try await pause(
                after: failure, &decision, request.repeatability, elapsed: start.duration(to: clock.now))
        }
    }

    /// Returns when it is time for another try; throws `failure` if there is none.
    func pause(
        after failure: APIError, _ decision: inout RetryDecision, _ repeatability: APIRequest.Repeatability,
        elapsed: Duration
    ) async throws(APIError) {
        var generator = ClosureGenerator(next: random)
        guard
            let pause = decision.pause(
                after: failure, repeatability: repeatability, elapsed: elapsed, using: &generator)
        else { throw failure }
        do {
            try await clock.sleep(for: pause)
        } catch {
            throw APIError(.cancelled, "\(failure.message); cancelled while waiting to try again", cause: failure)
        }
    }

    /// Sends once, with new credentials a second time after a 401.
    /// - Returns: an answer of status 2xx, or 101 to a request for another protocol; its body not yet read.
    func open(_ request: APIRequest) async throws(APIError) -> TransportResponse {
        let credential = try await credentials.credential()
        do throws(APIError) {
            return try await sendOnce(request, as: credential)
        } catch {
            guard error.code == .unauthorized, request.isReplayable, try await credentials.refused(credential) else {
                throw error
            }
            return try await sendOnce(request, as: credentials.credential())
        }
    }

    private func sendOnce(_ request: APIRequest, as credential: Credential) async throws(APIError) -> TransportResponse
    {
        var outgoing = request.transport
        if let authorization = credential.authorization {
            outgoing.head.headerFields[.authorization] = authorization.reveal()
        }
        if let identity = credential.identity { outgoing.identity = identity }
        let response: TransportResponse
        do throws(TransportError) {
            response = try await transport.send(outgoing)
        } catch {
            throw APIError(error, request.subject)
        }
        if request.transport.isUpgrade {
            if response.head.status == .switchingProtocols { return response }
            guard response.head.status.kind != .successful else { throw Sender.notSwitched(request) }
        } else if response.head.status.kind == .successful {
            return response
        }
        throw try await Sender.failure(response, request)
    }

    private static func notSwitched(_ request: APIRequest) -> APIError {
        APIError(
            .unsupported,
            "\(request.subject): the answer is an ordinary one, no WebSocket; is there a proxy on the way that cannot "
                + "pass WebSockets on?")
    }

    /// Reads what the server says about a failure, at most 1 MiB of it.
    private static func failure(
        _ response: TransportResponse, _ request: APIRequest
    ) async throws(APIError) -> APIError {
        let body = (try? await collect(response.body, request.subject, limit: 1 << 20)) ?? []  // The status is enough.
        return APIError(answer: response.head, body: body, request)
    }

    static func collect(
        _ body: ByteStream, _ subject: String, limit: Int = largestAnswer
    ) async throws(APIError) -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            for try await chunk in body {
                guard bytes.count + chunk.readableBytes <= limit else {
                    throw APIError(.malformed, "\(subject): the answer is larger than \(ByteCount(limit))")
                }
                bytes.append(contentsOf: chunk.readableBytesView)
            }
        } catch {
            throw APIError(error, subject)
        }
        return bytes
    }
}

extension APIRequest {
    /// Bodies from memory can be sent again; streams cannot.
    fileprivate var isReplayable: Bool {
        if case .stream = transport.body { false } else { true }
    }
}

/// Turns the random source that was handed in into what the standard library takes.
struct ClosureGenerator: RandomNumberGenerator {
    private let source: @Sendable () -> UInt64

    init(next source: @escaping @Sendable () -> UInt64) { self.source = source }

    mutating func next() -> UInt64 { source() }
}
