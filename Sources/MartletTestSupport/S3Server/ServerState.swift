internal import Basics
internal import NIOCore
internal import ObjectStorage

/// Everything that an `S3TestServer` knows, behind its lock.
struct ServerState: Sendable {
    var world = ServedWorld()
    var plan = FaultPlan()
    var mangler = EventMangler()
    var signatures: SignatureCheck
    /// The server's time minus the machine's.
    var clockOffset: Duration = .zero
    var counts: [S3Operation: Int] = [:]
    var listeners: [Int: Listener] = [:]
    var connections: [Int: any Channel] = [:]
    var listensAsOtherStores = false
    /// Nothing is answered or told; connections stay: a peer that died without a word.
    var isSilent = false
    /// Events wait in `outbox` and are told later.
    var holdsEvents = false
    /// What listeners are to be sent, in order.
    var outbox: [(listener: Int, text: String)] = []

    struct Listener: Sendable {
        let channel: any Channel
        let wants: Listening
    }

    /// What is done about a request.
    enum Verdict: Sendable {
        case answer(ServerAnswer, S3Fault?)
        case silence
    }

    mutating func judge(_ request: ServerRequest, at machineTime: Timestamp) -> Verdict {
        guard let operation = S3Operation(request) else {
            return .answer(Refusal(status: 501, code: "NotImplemented").answer, nil)
        }
        counts[operation, default: 0] += 1
        if isSilent { return .silence }
        let now = machineTime + clockOffset
        if let refusal = signatures.refusal(of: request, at: now) { return .answer(refusal.answer, nil) }
        let fault = plan.fault(for: request, operation)
        switch fault {
        case .refuse(let status, let code, let retryAfter):
            var answer = Refusal(status: status, code: code, message: "planned").answer
            answer.set("retry-after", retryAfter.map { "\($0)" })
            return .answer(answer, fault)
        case .html(let status):
            var answer = ServerAnswer(status: status)
            answer.set("content-type", "text/html")
            answer.body = ByteBuffer(string: "<html><body><h1>\(status) from a proxy</h1><br></body></html>")
            return .answer(answer, fault)
        case .errorInSuccess(let code):
            return .answer(.xml("<Error><Code>\(code)</Code><Message>planned</Message></Error>"), fault)
        case .reset: return .answer(ServerAnswer(), fault)
        case .hang: return .silence
        default: break
        }
        if operation == .listen, listensAsOtherStores {
            return .answer(.xml("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"), nil)
        }
        var answer = world.answer(request, operation, at: now)
        if let fault, operation == .list { answer = answer.suffering(fault, request) }
        collectEvents()
        return .answer(answer, fault)
    }

    /// Changes the buckets as another client would.
    mutating func change<Result>(
        at machineTime: Timestamp, _ body: (inout ServedWorld, Timestamp) -> Result
    ) -> Result {
        let result = body(&world, machineTime + clockOffset)
        collectEvents()
        return result
    }

    /// Puts what happened into the outbox of whoever wants to hear it.
    private mutating func collectEvents() {
        let events = world.events.flatMap { mangler.told($0) }
        world.events = []
        tell(events)
    }

    mutating func tellRest() { tell(mangler.rest()) }

    private mutating func tell(_ events: [ServedEvent]) {
        for event in events {
            for (id, listener) in listeners where listener.wants.wants(event) || event.bucket == "another-bucket" {
                outbox.append((id, event.line + "\n"))
            }
        }
    }

    /// What to send now, with the connections to send it on.
    mutating func takeOutbox() -> [(channel: any Channel, text: String)] {
        if holdsEvents || isSilent { return [] }
        defer { outbox = [] }
        return outbox.compactMap { listener, text in listeners[listener].map { ($0.channel, text) } }
    }
}

extension ServerAnswer {
    /// The listing spoilt as `fault` says.
    fileprivate func suffering(_ fault: S3Fault, _ request: ServerRequest) -> ServerAnswer {
        var text = String(buffer: body)
        switch fault {
        case .truncateWithoutToken:
            text = text.without("NextContinuationToken").without("IsTruncated")
            text.insertInRoot("<IsTruncated>true</IsTruncated>")
        case .endEarly:
            text = text.without("NextContinuationToken").without("IsTruncated")
            text.insertInRoot("<IsTruncated>false</IsTruncated>")
        case .repeatToken:
            let token = request.parameter("continuation-token") ?? text.element("NextContinuationToken") ?? "none"
            text = text.without("NextContinuationToken").without("IsTruncated")
            text.insertInRoot(
                "<IsTruncated>true</IsTruncated><NextContinuationToken>\(token)</NextContinuationToken>")
        case .disorder:
            guard let last = text.elements("Contents").last.map(String.init) else { return self }
            if let place = text.firstRange(of: "<Contents>\(last)</Contents>") { text.removeSubrange(place) }
            text.insertInRoot("<Contents>\(last)</Contents>")
        default: return self
        }
        var answer = self
        answer.body = ByteBuffer(string: text)
        return answer
    }
}

extension String {
    fileprivate func without(_ name: String) -> String {
        guard let content = elements(name).first, let place = firstRange(of: "<\(name)>\(content)</\(name)>") else {
            return self
        }
        var text = self
        text.removeSubrange(place)
        return text
    }

    /// Puts `element` first in a listing.
    fileprivate mutating func insertInRoot(_ element: String) {
        guard let root = firstRange(of: "<ListBucketResult>") else { return }
        insert(contentsOf: element, at: root.upperBound)
    }
}
