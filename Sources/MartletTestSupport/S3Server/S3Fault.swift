internal import Basics
internal import ObjectStorage

/// Something that goes wrong with one request to an `S3TestServer`.
package enum S3Fault: Sendable, Hashable {
    /// Nothing is done; the answer is this refusal. With a `Retry-After` in seconds, if there is one.
    case refuse(status: Int, code: String, retryAfter: Int? = nil)
    /// Nothing is done; the answer is a page of a proxy.
    case html(status: Int)
    /// Nothing is done; status 200 with an error inside, as S3 answers joins and copies at times.
    case errorInSuccess(code: String)
    /// Nothing is done; the connection is reset.
    case reset
    /// It is done, and the connection is reset.
    case loseAnswer
    /// The connection is reset after so many bytes of the answer's body.
    case tear(after: Int)
    /// One bit of the answer's body is another.
    case flip(at: Int)
    /// No answer ever; the connection stays.
    case hang
    /// Nothing more after so many bytes of the answer's body; the connection stays.
    case hangBody(after: Int)
    /// It is done at once and answered later.
    case delay(milliseconds: Int)
    /// Of listings: the page says that more follows and not where.
    case truncateWithoutToken
    /// Of listings: the page says that it is the last, and it is not.
    case endEarly
    /// Of listings: the page says that it goes on where it itself began.
    case repeatToken
    /// Of listings: the last entry comes first.
    case disorder
}

/// Which requests meet a fault. Counted per rule, so the same requests always meet the same faults.
package struct S3FaultRule: Sendable {
    package var fault: S3Fault
    /// Empty for all.
    package var operations: Set<S3Operation>
    /// Of the key, or of a listing's prefix.
    package var prefix: String
    /// So many matching requests pass first.
    package var skipping: Int
    /// So many requests meet the fault; nil for all that follow.
    package var times: Int?
    /// Of the requests that match, each nth.
    package var every: Int
    /// Of those, so many in a thousand, picked by `seed`, the operation, the key and how often that came: not by the
    /// order in which requests for different keys arrive.
    package var perMille: Int
    package var seed: UInt64

    package init(
        _ fault: S3Fault, of operations: Set<S3Operation> = [], prefix: String = "", skipping: Int = 0,
        times: Int? = 1, every: Int = 1, perMille: Int = 1000, seed: UInt64 = 0
    ) {
        self.fault = fault
        self.operations = operations
        self.prefix = prefix
        self.skipping = skipping
        self.times = times
        self.every = every
        self.perMille = perMille
        self.seed = seed
    }
}

/// The rules and how far each has come.
struct FaultPlan: Sendable {
    private var rules: [(rule: S3FaultRule, matched: Int, met: Int)] = []
    private var occurrences: [String: UInt64] = [:]
    private(set) var met = 0

    mutating func add(_ more: [S3FaultRule]) { rules += more.map { ($0, 0, 0) } }

    mutating func clear() { rules = [] }

    /// The fault of the first rule that this request meets.
    mutating func fault(for request: ServerRequest, _ operation: S3Operation) -> S3Fault? {
        guard !rules.isEmpty else { return nil }
        let name = request.key?.text ?? request.parameter("prefix") ?? ""
        let occurrence = occurrences["\(operation.rawValue) \(name)", default: 0] + 1
        occurrences["\(operation.rawValue) \(name)"] = occurrence
        for index in rules.indices {
            let rule = rules[index].rule
            guard rule.operations.isEmpty || rule.operations.contains(operation),
                name.utf8.starts(with: rule.prefix.utf8), rule.times.map({ rules[index].met < $0 }) ?? true
            else { continue }
            rules[index].matched += 1
            let matched = rules[index].matched - rule.skipping
            guard matched > 0, matched % rule.every == 0 else { continue }
            guard rule.perMille >= 1000 || chance(rule.seed, operation, name, occurrence) < rule.perMille else {
                continue
            }
            rules[index].met += 1
            met += 1
            return rule.fault
        }
        return nil
    }

    /// 0 to 999.
    private func chance(_ seed: UInt64, _ operation: S3Operation, _ name: String, _ occurrence: UInt64) -> Int {
        // FNV-1a: the same in every process, which Swift's own hashing is not.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in Array("\(operation.rawValue) \(name)".utf8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        var random = SeededGenerator(seed: seed ^ hash &+ occurrence)
        return Int(random.next() % 1000)
    }
}

/// What goes wrong with the events that listeners are told, each so many times in a thousand, picked by `seed` and the
/// number of the event.
package struct S3EventFaults: Sendable {
    package var seed: UInt64 = 1
    package var dropPerMille = 0
    package var repeatPerMille = 0
    /// Told behind the event that follows.
    package var swapPerMille = 0
    /// An event of another bucket comes before.
    package var foreignPerMille = 0

    package init(_ change: (inout S3EventFaults) -> Void = { _ in }) { change(&self) }
}

/// Applies `S3EventFaults`, event by event.
struct EventMangler: Sendable {
    var faults = S3EventFaults() {
        didSet { random = SeededGenerator(seed: faults.seed) }
    }
    private(set) var dropped = 0
    private var random = SeededGenerator(seed: 1)
    private var waiting: [ServedEvent] = []

    /// What is told when `event` happens.
    mutating func told(_ event: ServedEvent) -> [ServedEvent] {
        var told: [ServedEvent] = []
        if happens(faults.foreignPerMille) {
            told.append(
                ServedEvent(
                    bucket: "another-bucket", name: event.name, key: event.key, time: event.time,
                    sequence: event.sequence, size: 1, etag: "0"))
        }
        let isDropped = happens(faults.dropPerMille)
        let isSwapped = happens(faults.swapPerMille)
        let isRepeated = happens(faults.repeatPerMille)
        let earlier = waiting
        waiting = []
        if isDropped {
            dropped += 1
        } else if isSwapped {
            waiting = [event]
        } else {
            told += isRepeated ? [event, event] : [event]
        }
        return told + earlier
    }

    /// The events that wait for another one.
    mutating func rest() -> [ServedEvent] {
        defer { waiting = [] }
        return waiting
    }

    private mutating func happens(_ perMille: Int) -> Bool { Int(random.next() % 1000) < perMille }
}
