internal import KubernetesModel

/// Keeps a watch going: lists, watches from where the list ended, watches again from the last version after every end, and
/// lists again when the server has forgotten that version. No I/O, no clock, no randomness: the driver owns those.
///
/// It ends only with a failure that another try cannot mend. Events that do not belong to what was asked for last are the
/// driver's mistake and trap.
struct WatchMachine {
    enum Event {
        case start
        case listed(RawObject)
        case listEnded(resourceVersion: String?)
        case frame(WatchFrame)
        /// The server ended the watch in order, as it does when its time is over.
        case watchEnded
        /// The list, or the watch, or its connection failed.
        case failed(APIError)
        case pauseOver
    }

    enum Action {
        case list
        case watch(resourceVersion: String)
        /// Wait before the next try; the driver turns the number of failures in a row into a time.
        case pause(failures: Int, retryAfter: Duration?)
        case emit(WatchEvent)
        /// Nothing to do but to hand in what comes next.
        case proceed
        case fail(APIError)
    }

    private enum State {
        case idle
        case listing
        /// `sawNothing` until the first message of this watch.
        case watching(resourceVersion: String, sawNothing: Bool)
        /// Before listing (nil) or watching again.
        case pausing(resourceVersion: String?)
        case failed
    }

    private var state = State.idle
    /// Tries in a row that brought nothing.
    private var failures = 0

    mutating func handle(_ event: Event) -> [Action] {
        switch (state, event) {
        case (.idle, .start): return list()
        case (.listing, .listed(let object)): return [.emit(.existing(object))]
        case (.listing, .listEnded(let version)):
            guard let version, !version.isEmpty else {
                return fail(APIError(.malformed, "the list has no resourceVersion to watch from"))
            }
            failures = 0
            return [.emit(.listed)] + watch(from: version)
        case (.watching(let version, _), .frame(let frame)): return handle(frame, after: version)
        case (.watching(let version, let sawNothing), .watchEnded):
            // A server that ends watches at once must not be asked without pause.
            return sawNothing ? pause(then: version, retryAfter: nil) : watch(from: version)
        case (.listing, .failed(let error)): return handle(error, resumeAt: nil)
        case (.watching(let version, _), .failed(let error)): return handle(error, resumeAt: version)
        case (.pausing(let version), .pauseOver): return version.map { watch(from: $0) } ?? list()
        case (.failed, _): return []
        default: preconditionFailure("a watch in state \(state) was told \(event)")
        }
    }

    private mutating func list() -> [Action] {
        state = .listing
        return [.emit(.relisting), .list]
    }

    private mutating func watch(from version: String) -> [Action] {
        state = .watching(resourceVersion: version, sawNothing: true)
        return [.watch(resourceVersion: version)]
    }

    private mutating func pause(then version: String?, retryAfter: Duration?) -> [Action] {
        failures += 1
        state = .pausing(resourceVersion: version)
        return [.pause(failures: failures, retryAfter: retryAfter)]
    }

    private mutating func fail(_ error: APIError) -> [Action] {
        state = .failed
        return [.fail(error)]
    }

    private mutating func handle(_ frame: WatchFrame, after version: String) -> [Action] {
        failures = 0
        switch frame {
        case .bookmark(let newer):
            state = .watching(resourceVersion: newer.isEmpty ? version : newer, sawNothing: false)
            return [.proceed]
        case .object(let change, let object, let newer):
            state = .watching(resourceVersion: newer ?? version, sawNothing: false)
            return [.emit(change == .deleted ? .deleted(object) : .changed(object))]
        case .failure(let json):
            let status = APIStatus(json) ?? APIStatus(code: 500, message: "the watch ended with an unknown message")
            return handle(APIError(watchStatus: status), resumeAt: version)
        }
    }

    private mutating func handle(_ error: APIError, resumeAt version: String?) -> [Action] {
        switch error.code {
        // The version is too old, or the server says that it lies in the future, as after a restore of etcd.
        case .expired: return version == nil ? pause(then: nil, retryAfter: nil) : list()
        case .unreachable, .timeout, .server, .throttled:
            return [.emit(.interrupted(error))] + pause(then: version, retryAfter: error.retryAfter)
        default: return fail(error)
        }
    }
}

extension APIError {
    /// A `Status` that ended a watch.
    init(watchStatus status: APIStatus) {
        let code: Code =
            switch status.code {
            case 410: .expired
            case 429: .throttled
            case 401: .unauthorized
            case 403: .forbidden
            // 1.20 sends "too old resource version" with 410, older ones as an internal error of reason Expired.
            default: status.reason == "Expired" || status.reason == "Gone" ? .expired : .server
            }
        self.init(code, "the watch ended: \(status.summary)", status: status)
    }
}
