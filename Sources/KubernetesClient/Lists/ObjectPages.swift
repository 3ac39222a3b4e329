internal import Basics
package import KubernetesModel
internal import NIOCore
internal import Transport

/// The objects of a list, a batch at a time, read from the server as they are asked for. See `APIClient.list`.
///
/// Throws `APIError`. A page whose answer breaks off is asked for again and what was already handed out is left out. When
/// the server has forgotten the snapshot that a continue token stands for, the list goes on with the newest state: objects
/// that changed in between are seen in one state or the other, and every object that existed all the time is seen once.
package struct ObjectPages: AsyncSequence, Sendable {
    package typealias Element = [RawObject]

    let client: APIClient
    let kind: ResourceKind
    let namespace: String?
    let options: ListOptions

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(pages: self)
    }

    /// Every object at once. For lists that are known to be short.
    package func all() async throws(APIError) -> [RawObject] {
        var objects: [RawObject] = []
        do {
            for try await batch in self { objects += batch }
        } catch {
            throw APIError(error, "list \(kind.groupResource)")
        }
        return objects
    }

    package struct AsyncIterator: AsyncIteratorProtocol {
        /// A batch ends at the first chunk after so many objects or bytes; it is a few times larger at most.
        private static let batchCount = 128
        private static let batchBytes = 512 << 10

        private let pages: ObjectPages
        private var progress = ListProgress()
        private var open: OpenPage?
        private var decision: RetryDecision
        private var isDone = false
        /// Broke a page off whose objects were handed out first.
        private var pending: APIError?
        /// The `resourceVersion` of the list: where a watch that follows it begins. Nil before the end of the first page.
        package private(set) var resourceVersion: String?

        private struct OpenPage {
            var body: ByteStream.AsyncIterator
            var splitter: ListSplitter
        }

        init(pages: ObjectPages) {
            self.pages = pages
            decision = RetryDecision(policy: pages.client.sender.policy)
        }

        /// The next batch, never empty; nil at the end.
        package mutating func next() async throws(APIError) -> [RawObject]? {
            while !isDone {  // Each turn reads a batch, ends a page, or uses up a try.
                let request = try pages.client.requests.list(
                    pages.kind, in: pages.namespace, options: pages.options, continueToken: progress.continueToken)
                do throws(APIError) {
                    let batch = try await read(request)
                    if !batch.isEmpty { return batch }
                } catch {
                    open = nil
                    try await recover(from: error, request)
                }
            }
            return nil
        }

        private mutating func recover(from error: APIError, _ request: APIRequest) async throws(APIError) {
            if error.code == .expired, progress.snapshotExpired(continueToken: error.status?.continueToken) { return }
            // The time that the pages before took does not count: each has the whole deadline, in tries and pauses.
            try await pages.client.sender.pause(
                after: error, &decision, request.repeatability, elapsed: .zero)
        }

        private mutating func read(_ request: APIRequest) async throws(APIError) -> [RawObject] {
            if let failure = pending {
                pending = nil
                throw failure
            }
            if open == nil {
                let response = try await pages.client.sender.open(request)
                open = OpenPage(
                    body: response.body.makeAsyncIterator(),
                    splitter: ListSplitter(
                        apiVersion: pages.kind.groupVersion.description, kind: pages.kind.kind))
            }
            var batch: [RawObject] = []
            var bytes = 0
            do {
                while batch.count < Self.batchCount, bytes < Self.batchBytes {  // Ends with the page at the latest.
                    guard let chunk = try await open?.body.next() else {
                        try endPage(&batch)
                        break
                    }
                    chunk.withUnsafeReadableBytes { open?.splitter.append($0) }
                    while let object = try open?.splitter.next() {
                        bytes += object.bytes.count
                        if progress.isNew(object) { batch.append(object) }
                    }
                }
            } catch {
                let failure = Self.failure(error, request)
                // What was read before it broke counts as handed out, so it is; the error is met at the next call.
                if batch.isEmpty { throw failure }
                pending = failure
            }
            return batch
        }

        private static func failure(_ error: any Error, _ request: APIRequest) -> APIError {
            guard let error = error as? ListError else { return APIError(error, request.subject) }
            let isCut = error.code == .truncated
            return APIError(isCut ? .unreachable : .malformed, "\(request.subject): \(error)", cause: error)
        }

        private mutating func endPage(_ batch: inout [RawObject]) throws(ListError) {
            guard var page = open else { return }
            for object in try page.splitter.finish() where progress.isNew(object) { batch.append(object) }
            open = nil
            decision = RetryDecision(policy: pages.client.sender.policy)
            resourceVersion = page.splitter.header.resourceVersion
            isDone = !progress.pageEnded(continueToken: page.splitter.header.continueToken)
        }
    }
}
