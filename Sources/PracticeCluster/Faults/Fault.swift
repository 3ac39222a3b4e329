package import KubernetesModel
package import Transport

/// Something that goes wrong on purpose, once or more, for the requests that it is meant for.
package struct Fault: Sendable {
    /// Which requests are meant; nil stands for everything.
    package struct Match: Sendable {
        /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`.
        package var verb: String?
        package var resource: GroupResource?
        package var namespace: String?
        package var name: String?
        package var subresource: String?
        /// The path without the query, for requests that are about no resource: `/apis`, `/version`.
        package var path: String?
        /// Only requests for a later page of a list.
        package var isContinued: Bool?

        package init(
            verb: String? = nil, resource: GroupResource? = nil, namespace: String? = nil, name: String? = nil,
            subresource: String? = nil, path: String? = nil, isContinued: Bool? = nil
        ) {
            self.verb = verb
            self.resource = resource
            self.namespace = namespace
            self.name = name
            self.subresource = subresource
            self.path = path
            self.isContinued = isContinued
        }
    }

    package enum Action: Sendable {
        /// Answers with this error and does nothing.
        case refuse(APIStatus)
        /// Answers with these bytes and does nothing.
        case answer(code: Int, contentType: String, body: [UInt8])
        /// Gives no answer; the server did nothing.
        case fail(TransportError.Code)
        /// The server does what was asked, but the answer is lost.
        case loseAnswer(TransportError.Code)
        /// Answers only after so much time has passed by `advance(by:)`.
        case delay(Duration)
        /// Breaks the connection after so many bytes of the answer's body.
        case cutBody(afterBytes: Int)
        /// Does this before the request is looked at: a write in between, a kind that goes.
        case before(@Sendable (PracticeCluster) -> Void)
        /// Does this after the request was answered.
        case after(@Sendable (PracticeCluster) -> Void)
    }

    package let match: Match
    package let action: Action
    /// The first matching request that is hit, counted from 1.
    package let first: Int
    /// How many are hit.
    package let count: Int

    package init(_ action: Action, on match: Match = Match(), first: Int = 1, count: Int = 1) {
        self.match = match
        self.action = action
        self.first = first
        self.count = count
    }

    /// 429 with the wish to wait.
    package static func throttled(retryAfterSeconds: Int, on match: Match = Match(), first: Int = 1, count: Int = 1)
        -> Fault
    {
        Fault(
            .refuse(
                APIStatus(
                    code: 429, reason: "TooManyRequests", message: "too many requests, please try again later",
                    retryAfterSeconds: retryAfterSeconds)), on: match, first: first, count: count)
    }

    /// A server's error of the given code.
    package static func failing(_ code: Int, on match: Match = Match(), first: Int = 1, count: Int = 1) -> Fault {
        Fault(
            .refuse(
                APIStatus(
                    code: code, reason: code == 503 ? "ServiceUnavailable" : "InternalError",
                    message: "the practice cluster fails on purpose")), on: match, first: first, count: count)
    }
}

/// A fault and how often it could have struck.
struct PlannedFault {
    let fault: Fault
    private var seen = 0
    private(set) var struck = 0

    init(_ fault: Fault) { self.fault = fault }

    /// Whether the fault strikes `request`, which is counted.
    mutating func strikes(_ request: APIRequest) -> Bool {
        guard fault.match.covers(request) else { return false }
        seen += 1
        guard (fault.first..<fault.first + fault.count).contains(seen) else { return false }
        struck += 1
        return true
    }

    var isSpent: Bool { struck >= fault.count }
}

extension Fault.Match {
    func covers(_ request: APIRequest) -> Bool {
        if let path, path != request.path { return false }
        if let isContinued, isContinued != (request.query["continue"]?.isEmpty == false) { return false }
        guard case .resource(let target) = request.target else {
            return verb == nil && resource == nil && namespace == nil && name == nil && subresource == nil
        }
        return (verb ?? request.verb) == request.verb && (resource ?? target.groupResource) == target.groupResource
            && (namespace == nil || namespace == target.namespace) && (name == nil || name == target.name)
            && (subresource == nil || subresource == target.subresource)
    }
}
