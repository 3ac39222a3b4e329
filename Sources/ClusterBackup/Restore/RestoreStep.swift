package import KubernetesModel

/// What happens, or happened, to one object of a restore: a line of the plan, and of the log.
package struct RestoreStep: Sendable, Hashable, CustomStringConvertible {
    package enum Verb: String, Sendable, Hashable, CaseIterable {
        case create
        case update
        /// The cluster has the same.
        case leave
        /// The cluster has another, which stays.
        case keep
        /// Not to be restored; the reason says why.
        case skip
        /// Could not be restored; the reason says why.
        case fail
    }

    package let verb: Verb
    /// In the cluster.
    package let target: ObjectReference
    /// In the archive; differs from `target` by a namespace mapping.
    package let source: ObjectReference
    package var reason: String?
    package var changes: [FieldDifference]

    package init(
        _ verb: Verb, target: ObjectReference, source: ObjectReference? = nil, reason: String? = nil,
        changes: [FieldDifference] = []
    ) {
        self.verb = verb
        self.target = target
        self.source = source ?? target
        self.reason = reason
        self.changes = changes
    }

    /// A line, and one more for each field that changes.
    package var description: String {
        var line = verb.rawValue + String(repeating: " ", count: 7 - verb.rawValue.count) + target.description
        if source != target { line += " (from \(source))" }
        if let reason { line += ": \(reason)" }
        return ([line] + changes.map { "         \($0)" }).joined(separator: "\n")
    }
}

/// How many objects went which way.
package struct RestoreCounts: Sendable, Hashable {
    private var byVerb: [RestoreStep.Verb: Int] = [:]

    package init() {}

    package subscript(verb: RestoreStep.Verb) -> Int { byVerb[verb] ?? 0 }

    mutating func count(_ verb: RestoreStep.Verb) { byVerb[verb, default: 0] += 1 }

    /// Objects that were looked at.
    package var total: Int { byVerb.values.reduce(0, +) }

    /// Objects that are in the cluster now, whoever put them there.
    package var restored: Int { self[.create] + self[.update] + self[.leave] + self[.keep] }
}
