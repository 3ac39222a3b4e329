package import Basics
import HTTPTypes
package import KubernetesModel
import NIOCore
import Synchronization
package import Transport

/// An API server in memory that behaves like one: built-in kinds and definitions, conflicts, watches, finalizers,
/// garbage collection. A twin of the real one for tests and for practice.
///
/// Deterministic: the same requests in the same order get the same answers. Time stands still until `advance(by:)`.
/// Safe to use from any task; requests are worked on one after the other. Memory grows with the objects, which are
/// kept as bytes, and with the history, which is bounded by the settings.
///
/// What it does not do: run pods, make pods from workloads, endpoints from services or volumes from claims, check
/// custom resources against their schemas, convert between versions of a kind (all have the same shape here).
package final class PracticeCluster: HTTPTransport {
    private struct State {
        var cluster: ClusterState
        var faults: [PlannedFault] = []
        var inFlight = 0
        /// Grows with everything that a waiting request may wait for.
        var epoch = 0
        var bookmarksWanted = 0
        var watchesCut = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var cancelledWaiters: Set<Int> = []
        var nextWaiter = 0
        var container: (PracticeExec.Container, Set<String>)?
    }

    private let state: Mutex<State>
    /// As long as one chunk of an answer's body may be.
    private static let chunkSize = 256 << 10

    package init(_ settings: PracticeSettings = PracticeSettings()) {
        state = Mutex(State(cluster: ClusterState(settings)))
    }

    package func send(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
        let body = try await collect(request.body)
        let read: APIRequest
        do throws(Refusal) {
            read = try APIRequest(request.head, body: body)
        } catch {
            return respond(to: nil, error, cutAfter: nil)
        }
        let actions = state.withLock { state in
            state.faults.indices.compactMap { state.faults[$0].strikes(read) ? state.faults[$0].fault.action : nil }
        }
        return try await perform(read, actions)
    }

    private func perform(_ request: APIRequest, _ actions: [Fault.Action]) async throws(TransportError)
        -> TransportResponse
    {
        var cutAfter: Int?
        var lost: TransportError.Code?
        let isCrowded = state.withLock { state in
            state.inFlight += 1
            return state.inFlight > state.cluster.settings.maximumInFlight
        }
        defer { state.withLock { $0.inFlight -= 1 } }
        if isCrowded, !request.isWatch {
            let refusal = Refusal.tooManyRequests("Too many requests, please try again later.", retryAfterSeconds: 1)
            return respond(to: request, refusal, cutAfter: nil)
        }
        for action in actions {
            switch action {
            case .refuse(let status): return respond(to: request, Refusal(status), cutAfter: nil)
            case .answer(let code, let contentType, let body):
                return response(code, contentType, body, cutAfter: nil)
            case .fail(let code): throw TransportError(code, "the practice cluster gives no answer, on purpose")
            case .loseAnswer(let code): lost = code
            case .delay(let span): try await wait(span)
            case .cutBody(let count): cutAfter = count
            case .before(let change): change(self)
            case .after: break
            }
        }
        let response = answer(request, cutAfter: cutAfter)
        for case .after(let change) in actions { change(self) }
        if let lost { throw TransportError(lost, "the practice cluster loses its answer, on purpose") }
        return response
    }

    private func answer(_ request: APIRequest, cutAfter: Int?) -> TransportResponse {
        let (result, woken) = state.withLock { state -> (Result<Answer, Refusal>, [CheckedContinuation<Void, Never>]) in
            let version = state.cluster.version
            let result: Result<Answer, Refusal>
            do throws(Refusal) {
                result = .success(try state.cluster.handle(request))
            } catch {
                result = .failure(error)
            }
            if request.method != .get, state.cluster.settings.controllers == .prompt { state.cluster.settle() }
            return (result, state.cluster.version == version ? [] : PracticeCluster.wake(&state))
        }
        for waiter in woken { waiter.resume() }
        switch result {
        case .failure(let refusal): return respond(to: request, refusal, cutAfter: cutAfter)
        case .success(.json(let code, let bytes)): return response(code, "application/json", bytes, cutAfter: cutAfter)
        case .success(.text(let code, let text)):
            return response(code, "text/plain; charset=utf-8", Array(text.utf8), cutAfter: cutAfter)
        case .success(.exec(let target)):
            return begin(target, request) ?? respond(to: request, .methodNotAllowed, cutAfter: nil)
        case .success(.watch(let cursor)):
            return TransportResponse(
                head: PracticeCluster.head(200, "application/json"), body: stream(cursor, cutAfter))
        }
    }

    var container: (PracticeExec.Container, Set<String>)? { state.withLock { $0.container } }

    func setContainer(_ container: @escaping PracticeExec.Container, _ speaks: Set<String>) {
        state.withLock { $0.container = (container, speaks) }
    }

    // MARK: Answers

    private func respond(to request: APIRequest?, _ refusal: Refusal, cutAfter: Int?) -> TransportResponse {
        let status = refusal.status
        if refusal.isPlainText {
            return response(
                status.code, "text/plain; charset=utf-8", Array("\(status.message)\n".utf8), cutAfter: cutAfter)
        }
        var json = status.json
        // Refusals that name no object still have details, empty ones.
        let isOfOuterLayer = [404, 405].contains(status.code) || status.message.hasPrefix("415:")
        if json["details"] == nil, isOfOuterLayer || status.reason == "Invalid" {
            json["details"] = [:]
        }
        return response(
            status.code, "application/json", json.serialized(), cutAfter: cutAfter,
            retryAfterSeconds: refusal.retryAfterSeconds)
    }

    private func response(
        _ code: Int, _ contentType: String, _ body: [UInt8], cutAfter: Int?, retryAfterSeconds: Int? = nil
    ) -> TransportResponse {
        var head = PracticeCluster.head(code, contentType)
        head.headerFields[.contentLength] = String(body.count)
        if let retryAfterSeconds { head.headerFields[.retryAfter] = String(retryAfterSeconds) }
        let sent = cutAfter.map { body.prefix($0) } ?? body[...]
        var chunks: [ByteBuffer] = []
        for start in stride(from: 0, to: sent.count, by: PracticeCluster.chunkSize) {
            chunks.append(ByteBuffer(bytes: sent[start..<min(start + PracticeCluster.chunkSize, sent.count)]))
        }
        guard cutAfter != nil else { return TransportResponse(head: head, body: ByteStream(chunks)) }
        return TransportResponse(head: head, body: PracticeCluster.broken(after: chunks))
    }

    private static func head(_ code: Int, _ contentType: String) -> HTTPResponse {
        var head = HTTPResponse(status: .init(code: code))
        head.headerFields[.contentType] = contentType
        head.headerFields[.cacheControl] = "no-cache, private"
        return head
    }

    private static func broken(after chunks: [ByteBuffer]) -> ByteStream {
        ByteStream {
            var rest = chunks[...]
            return {
                if let chunk = rest.popFirst() { return chunk }
                throw TransportError(.broken, "the practice cluster cuts its answer, on purpose")
            }
        }
    }

    /// At most a few times what the server takes: the rest is not worth reading.
    private func collect(_ body: RequestBody) async throws(TransportError) -> [UInt8] {
        switch body {
        case .empty: return []
        case .bytes(let buffer): return Array(buffer.readableBytesView)
        case .stream(let stream, _):
            let limit = state.withLock { $0.cluster.settings.maximumRequestBytes }
            var bytes: [UInt8] = []
            do {
                for try await chunk in stream {
                    bytes.append(contentsOf: chunk.readableBytesView)
                    if bytes.count > limit { break }
                }
            } catch {
                throw TransportError(.broken, "the body of the request ended early", cause: error)
            }
            return bytes
        }
    }

    // MARK: Watches

    private func stream(_ start: WatchCursor, _ cutAfter: Int?) -> ByteStream {
        ByteStream { [self] in
            var cursor = start
            var sent = 0
            let (begin, bookmarks, cuts) = state.withLock { ($0.cluster.now, $0.bookmarksWanted, $0.watchesCut) }
            var seenBookmarks = bookmarks
            var lastBookmark = begin
            return { [self] () async throws -> ByteBuffer? in
                while true {  // Ends with lines to send, with the timeout, or when the watch is cut or cancelled.
                    if cursor.hasFailed { return nil }
                    if let cutAfter, sent >= cutAfter {
                        throw TransportError(.broken, "the practice cluster cuts its watch, on purpose")
                    }
                    let (lines, epoch, isOver, isCut) = state.withLock { state in
                        var lines = state.cluster.nextLines(&cursor)
                        let now = state.cluster.now
                        let isTime = now - lastBookmark >= .seconds(60) || seenBookmarks != state.bookmarksWanted
                        if lines.isEmpty, isTime {
                            lines = state.cluster.bookmark(&cursor)
                            lastBookmark = now
                            seenBookmarks = state.bookmarksWanted
                        }
                        let isOver = cursor.timeoutSeconds.map { now - begin >= .seconds($0) } ?? false
                        return (lines, state.epoch, isOver, state.watchesCut != cuts)
                    }
                    if !lines.isEmpty {
                        let allowed = cutAfter.map { lines.prefix(max(0, $0 - sent)) } ?? lines[...]
                        sent += allowed.count
                        if !allowed.isEmpty { return ByteBuffer(bytes: allowed) }
                        continue
                    }
                    if isCut { throw TransportError(.broken, "the practice cluster cuts its watches, on purpose") }
                    if isOver { return nil }
                    try await waitForChange(after: epoch)
                }
            }
        }
    }

    /// Waits until `advance(by:)` has moved time by `span`.
    private func wait(_ span: Duration) async throws(TransportError) {
        let begin = state.withLock { $0.cluster.now }
        while true {  // Ends when time has passed, or with the task.
            let (now, epoch) = state.withLock { ($0.cluster.now, $0.epoch) }
            if now - begin >= span { return }
            try await waitForChange(after: epoch)
        }
    }

    private func waitForChange(after epoch: Int) async throws(TransportError) {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.epoch != epoch || state.cancelledWaiters.remove(id) != nil { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                let waiter = state.waiters.removeValue(forKey: id)
                if waiter == nil { state.cancelledWaiters.insert(id) }
                return waiter
            }
            waiter?.resume()
        }
        state.withLock { _ = $0.cancelledWaiters.remove(id) }
        if Task.isCancelled { throw TransportError(.cancelled, "the request was cancelled") }
    }

    /// Everybody who waits, to be resumed outside the lock.
    private static func wake(_ state: inout State) -> [CheckedContinuation<Void, Never>] {
        state.epoch += 1
        defer { state.waiters = [:] }
        return Array(state.waiters.values)
    }

    /// Changes the cluster, and wakes who waits for changes.
    private func change<Result>(_ body: (inout State) -> sending Result) -> sending Result {
        var woken: [CheckedContinuation<Void, Never>] = []
        let result = state.withLock { state in
            let result = body(&state)
            woken = PracticeCluster.wake(&state)
            return result
        }
        for waiter in woken { waiter.resume() }
        return result
    }
}

// MARK: What tests and drivers do to a cluster

extension PracticeCluster {
    /// Moves time, and with it timeouts, delays and bookmarks.
    package func advance(by span: Duration) { change { $0.cluster.now = $0.cluster.now + span } }

    package var now: Timestamp { state.withLock { $0.cluster.now } }

    /// One round of the controllers.
    package func tick() { change { $0.cluster.tick() } }

    /// Rounds of the controllers until nothing is left to do.
    package func settle() { change { $0.cluster.settle() } }

    /// Plans a fault for requests to come.
    package func inject(_ fault: Fault) { change { $0.faults.append(PlannedFault(fault)) } }

    /// The planned faults that have not struck as often as planned: a test that ends with some tested nothing.
    package var unspentFaults: [Fault] { state.withLock { $0.faults.filter { !$0.isSpent }.map(\.fault) } }

    /// Forgets all history: watches from older versions and continued lists are answered with 410.
    package func compactHistory() {
        change { state in
            for resource in state.cluster.tables.keys { state.cluster.tables[resource]?.compact() }
        }
    }

    /// Sends a bookmark to each watch that wants them.
    package func sendBookmarks() { change { $0.bookmarksWanted += 1 } }

    /// Breaks the connection of each watch under way.
    package func cutWatches() { change { $0.watchesCut += 1 } }

    /// Stops offering a kind, as if its definition went between discovery and list; its objects stay.
    package func stopServing(_ resource: GroupResource) { change { $0.cluster.catalog.setHidden(true, resource) } }

    package func resumeServing(_ resource: GroupResource) { change { $0.cluster.catalog.setHidden(false, resource) } }

    /// The object as the cluster keeps it, with `apiVersion` and `kind`; nil if there is none.
    package func object(_ resource: String, _ name: String, in namespace: String? = nil) -> JSONValue? {
        state.withLock { state in
            let resource = GroupResource(resource)
            guard let kind = state.cluster.catalog.named(resource),
                let entry = state.cluster.entry(kind, ObjectKey(namespace: namespace ?? "", name: name))
            else { return nil }
            var object = state.cluster.object(entry)
            object["apiVersion"] = .string(kind.apiVersion(kind.versions[0]))
            object["kind"] = .string(kind.kind)
            return object
        }
    }

    /// How many objects of a kind there are.
    package func count(_ resource: String) -> Int {
        state.withLock { $0.cluster.tables[GroupResource(resource)]?.count ?? 0 }
    }

    /// Names of the objects of a kind, in order: `namespace/name`, or `name`.
    package func names(_ resource: String, in namespace: String? = nil) -> [String] {
        state.withLock { state in
            guard let keys = state.cluster.tables[GroupResource(resource)]?.sortedKeys() else { return [] }
            return keys.filter { namespace == nil || $0.namespace == namespace }
                .map { $0.namespace.isEmpty ? $0.name : "\($0.namespace)/\($0.name)" }
        }
    }

    /// Does one request at once, without faults: the short way for a test to put something in place.
    ///
    /// - Parameter path: with the query, percent-encoded.
    /// - Returns: the HTTP status and the answer's body; null if that is no JSON.
    @discardableResult
    package func request(
        _ method: String, _ path: String, _ body: JSONValue? = nil, contentType: String = "application/json"
    ) -> (code: Int, body: JSONValue) {
        change { state in
            var head = HTTPRequest(
                method: HTTPRequest.Method(method) ?? .get, scheme: "https", authority: "practice", path: path)
            head.headerFields[.contentType] = contentType
            do throws(Refusal) {
                let request = try APIRequest(head, body: body?.serialized() ?? [])
                let answer = try state.cluster.handle(request)
                if request.method != .get, state.cluster.settings.controllers == .prompt { state.cluster.settle() }
                guard case .json(let code, let bytes) = answer else { return (200, .null) }
                return (code, (try? JSONValue(parsing: bytes)) ?? .null)  // Our own bytes: they parse.
            } catch {
                return (error.status.code, error.status.json)
            }
        }
    }
}
