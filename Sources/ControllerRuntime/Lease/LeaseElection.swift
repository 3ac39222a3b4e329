package import KubernetesModel

/// Decides who leads, by one Lease object that all candidates read and write. A value without clock: moments are durations
/// since a start of the caller's own.
///
/// The clocks of different machines are never compared: a lease counts as expired when this candidate has seen no change of
/// it for its whole duration. The leader stops to act before others may take over: `renewDeadline` is shorter than
/// `duration`. Source: Kubernetes, client-go's package `leaderelection`, its documentation.
package struct LeaseElection: Sendable {
    /// How long others wait for the leader.
    package static let duration = Duration.seconds(15)
    /// How long the leader goes on without a successful renewal.
    package static let renewDeadline = Duration.seconds(10)
    package static let retryPeriod = Duration.seconds(2)

    package enum Action: Sendable, Equatable {
        /// Create the lease, with this `spec`.
        case create(JSONValue)
        /// Update it with this `spec`, under the condition that it still has this resource version.
        case update(JSONValue, resourceVersion: String)
        /// Ask again at this moment.
        case wait(until: Duration)
    }

    package enum Event: Sendable {
        /// What the lease is; nil if there is none.
        case observed(APIObject?)
        /// The write was made; the object is the answer.
        case written(APIObject)
        /// The lease could not be read or written; a conflict is one way of it.
        case failed
    }

    private struct Record: Equatable {
        var holder: String
        var resourceVersion: String
    }

    package let identity: String
    private var record: Record?
    /// When `record` was seen to change.
    private var changedAt = Duration.zero
    /// When this candidate's last successful write was begun; nil if it does not lead.
    private var renewedAt: Duration?
    /// When the write under way was begun.
    private var writingSince: Duration?
    private var transitions = 0

    package init(identity: String) { self.identity = identity }

    /// Whether this candidate may act at the moment `now`.
    package func leads(now: Duration) -> Bool {
        renewedAt.map { now - $0 < LeaseElection.renewDeadline } ?? false
    }

    /// - Parameter timestamp: the wall clock's, for people who read the lease: RFC 3339 with microseconds.
    package mutating func handle(_ event: Event, now: Duration, timestamp: String) -> Action {
        switch event {
        case .observed(let lease):
            observe(lease, now)
            return decide(lease, now, timestamp)
        case .written(let lease):
            observe(lease, now)
            // From when it was begun: the answer may have taken long.
            renewedAt = writingSince ?? now
            writingSince = nil
            return .wait(until: now + LeaseElection.retryPeriod)
        case .failed:
            writingSince = nil
            if let renewedAt, now - renewedAt >= LeaseElection.renewDeadline { self.renewedAt = nil }
            return .wait(until: now + LeaseElection.retryPeriod)
        }
    }

    private mutating func observe(_ lease: APIObject?, _ now: Duration) {
        guard let lease else {
            record = nil
            renewedAt = nil
            return
        }
        let seen = Record(
            holder: lease.json["spec", "holderIdentity"]?.string ?? "",
            resourceVersion: lease.json["metadata", "resourceVersion"]?.string ?? "")
        if seen != record {
            record = seen
            changedAt = now
        }
        transitions = Int(lease.json["spec", "leaseTransitions"]?.int64 ?? 0)
        if seen.holder != identity { renewedAt = nil }
    }

    private mutating func decide(_ lease: APIObject?, _ now: Duration, _ timestamp: String) -> Action {
        guard let record, let lease else {
            writingSince = now
            return .create(spec(timestamp, acquired: timestamp, transitions: 0))
        }
        let isOurs = record.holder == identity
        let isFree = record.holder.isEmpty || now - changedAt >= LeaseElection.duration
        guard isOurs || isFree else {
            return .wait(until: min(now + LeaseElection.retryPeriod, changedAt + LeaseElection.duration))
        }
        writingSince = now
        let acquired = isOurs ? lease.json["spec", "acquireTime"]?.string ?? timestamp : timestamp
        return .update(
            spec(timestamp, acquired: acquired, transitions: isOurs ? transitions : transitions + 1),
            resourceVersion: record.resourceVersion)
    }

    private func spec(_ renewed: String, acquired: String, transitions: Int) -> JSONValue {
        [
            "holderIdentity": .string(identity),
            "leaseDurationSeconds": .number(JSONNumber(Int64(LeaseElection.duration.components.seconds))),
            "acquireTime": .string(acquired), "renewTime": .string(renewed),
            "leaseTransitions": .number(JSONNumber(Int64(transitions))),
        ]
    }
}
