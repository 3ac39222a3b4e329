internal import Basics
package import KubernetesModel
internal import NIOCore
internal import Transport

/// What a watch tells. Reconcile from what is, not from the event: it only says "look again".
package enum WatchEvent: Sendable {
    /// A list begins, at the start and whenever the server has forgotten where we were. What is not in it does not exist
    /// any more.
    case relisting
    /// An object of the list.
    case existing(RawObject)
    /// The list is complete.
    case listed
    case changed(RawObject)
    /// The last known state of an object that is gone.
    case deleted(RawObject)
    /// The server cannot be reached or is not well; the watch goes on by itself when it is back. For logs and health.
    case interrupted(APIError)
}

/// The changes of one kind, without end. See `APIClient.watch`. Throws `APIError`.
package struct WatchEvents: AsyncSequence, Sendable {
    package typealias Element = WatchEvent

    let client: APIClient
    let kind: ResourceKind
    let namespace: String?
    let options: WatchOptions

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(watch: self) }

    /// Performs what `WatchMachine` asks for, one thing at a time, when the next event is wanted.
    package struct AsyncIterator: AsyncIteratorProtocol {
        /// The server ends a watch after so long, give or take half: a connection that died without a word is noticed then.
        private static let length = 120...240

        private let watch: WatchEvents
        private var machine = WatchMachine()
        /// What the machine asked for and is not yet done.
        private var actions: [WatchMachine.Action] = []
        private var list: ObjectPages.AsyncIterator?
        private var batch: ArraySlice<RawObject> = []
        private var stream: (body: ByteStream.AsyncIterator, frames: WatchFrames)?

        init(watch: WatchEvents) {
            self.watch = watch
            actions = machine.handle(.start)
        }

        /// Never nil.
        package mutating func next() async throws(APIError) -> WatchEvent? {
            while true {  // Ends with an event or an error; every turn performs an action or waits for the server.
                if Task.isCancelled { throw APIError(.cancelled, "watch \(watch.kind.groupResource): cancelled") }
                guard !actions.isEmpty else {
                    actions = machine.handle(await nextInput())
                    continue
                }
                switch actions.removeFirst() {
                case .emit(let event): return event
                case .fail(let error): throw error
                case .proceed: break
                case .list:
                    stream = nil
                    list = watch.client.list(watch.kind, in: watch.namespace, options: watch.listOptions)
                        .makeAsyncIterator()
                case .watch(let version): await open(from: version)
                case .pause(let failures, let retryAfter):
                    (stream, list) = (nil, nil)
                    try await watch.client.sender.pauseBetweenWatches(failures: failures, retryAfter: retryAfter)
                    actions = machine.handle(.pauseOver)
                }
            }
        }

        private mutating func open(from version: String) async {
            (stream, list) = (nil, nil)
            let seconds = Int(watch.client.sender.random() % UInt64(Self.length.count)) + Self.length.lowerBound
            do throws(APIError) {
                var request = try watch.client.requests.watch(
                    watch.kind, in: watch.namespace, options: watch.options, resourceVersion: version,
                    timeoutSeconds: seconds)
                request.transport.idleTimeout = .seconds(seconds + 15)
                let response = try await watch.client.sender.open(request)
                stream = (
                    response.body.makeAsyncIterator(),
                    WatchFrames(apiVersion: watch.kind.groupVersion.description, kind: watch.kind.kind)
                )
            } catch {
                actions = machine.handle(.failed(error))
            }
        }

        private mutating func nextInput() async -> WatchMachine.Event {
            do {
                if list != nil { return try await nextOfList() }
                return try await nextFrame()
            } catch {
                return .failed(APIError(error, "watch \(watch.kind.groupResource)"))
            }
        }

        private mutating func nextOfList() async throws(APIError) -> WatchMachine.Event {
            if let object = batch.popFirst() { return .listed(object) }
            if let next = try await list?.next() {
                batch = next[...]
                return batch.popFirst().map { .listed($0) } ?? .failed(APIError(.malformed, "an empty batch"))
            }
            return .listEnded(resourceVersion: list?.resourceVersion)
        }

        private mutating func nextFrame() async throws -> WatchMachine.Event {
            while true {  // Ends with a message or the end of the body.
                if let frame = try stream?.frames.next() { return .frame(frame) }
                guard let chunk = try await stream?.body.next() else { return .watchEnded }
                chunk.withUnsafeReadableBytes { stream?.frames.append($0) }
            }
        }
    }

    private var listOptions: ListOptions {
        ListOptions(labelSelector: options.labelSelector, fieldSelector: options.fieldSelector)
    }
}

extension APIClient {
    /// Lists the objects of `kind` and then tells of every change, without end: broken connections are made again, and when
    /// the server has forgotten the last version it lists anew.
    ///
    /// Needs the verbs list and watch. Nothing is read ahead: memory is a batch or a message. It ends by cancelling the
    /// task, or with an error that another try cannot mend, such as `.forbidden` or `.unsupported` when the kind is gone.
    package func watch(
        _ kind: ResourceKind, in namespace: String? = nil, options: WatchOptions = WatchOptions()
    ) -> WatchEvents {
        WatchEvents(client: self, kind: kind, namespace: namespace, options: options)
    }
}

extension Sender {
    /// From a quarter of a second to half a minute, or as long as the server asks for.
    func pauseBetweenWatches(failures: Int, retryAfter: Duration?) async throws(APIError) {
        var generator = ClosureGenerator(next: random)
        let backoff = Backoff(first: .milliseconds(250), ceiling: .seconds(30))
        let pause = max(retryAfter ?? .zero, backoff.pause(afterAttempt: failures - 1, using: &generator))
        do {
            try await clock.sleep(for: pause)
        } catch {
            throw APIError(.cancelled, "watch: cancelled", cause: error)
        }
    }
}
