package import Basics

/// What a policy decides on: of a snapshot, only what matters to it.
package struct KeepCandidate: Sendable, Hashable {
    package let time: SnapshotTime
    package let tags: Set<String>

    package init(time: SnapshotTime, tags: Set<String> = []) {
        self.time = time
        self.tags = tags
    }
}

extension KeepPolicy {
    /// The reasons for which each candidate is kept, in the order of `candidates`; empty for those to forget.
    ///
    /// - Parameters:
    ///   - candidates: the snapshots of one group, in any order.
    ///   - now: snapshots that claim to be younger do not move the reference of the `within` rules.
    package func reasons(for candidates: [KeepCandidate], now: Timestamp) -> [[String]] {
        let order = candidates.indices.sorted { left, right in
            let (leftTime, rightTime) = (candidates[left].time.instant, candidates[right].time.instant)
            return leftTime == rightTime ? left < right : leftTime > rightTime
        }
        guard let oldest = order.last else { return [] }
        var rules = makeRules(reference: order.first { candidates[$0].time.instant <= now }.map { candidates[$0].time })
        var reasons = [[String]](repeating: [], count: candidates.count)
        for (rank, index) in order.enumerated() {
            let candidate = candidates[index]
            reasons[index] = tags.filter { candidate.tags.isSuperset(of: $0) }.map {
                "has tags [\($0.joined(separator: ", "))]"
            }
            for rule in rules.indices {
                if let reason = rules[rule].reason(for: candidate, rank: rank, isOldest: index == oldest) {
                    reasons[index].append(reason)
                }
            }
        }
        return reasons
    }

    private func makeRules(reference: SnapshotTime?) -> [KeepRule] {
        var rules: [KeepRule] = []
        if last != .none { rules.append(KeepRule(name: "last", period: nil, count: last, after: nil)) }
        for period in KeepPeriod.allCases {
            guard let count = periods[period], count != .none else { continue }
            rules.append(KeepRule(name: period.rawValue, period: period, count: count, after: nil))
        }
        guard let reference else { return rules }
        if let within, !within.isZero {
            rules.append(
                KeepRule(name: "within \(within)", period: nil, count: .unlimited, after: reference.less(within)))
        }
        for period in KeepPeriod.allCases {
            guard let span = withinPeriods[period], !span.isZero else { continue }
            rules.append(
                KeepRule(
                    name: "\(period.rawValue) within \(span)", period: period, count: .unlimited,
                    after: reference.less(span)))
        }
        return rules
    }
}

/// One rule while it goes through the snapshots of a group, newest first.
private struct KeepRule {
    let name: String
    /// Nil: every snapshot counts, not one of each period.
    let period: KeepPeriod?
    var count: KeepCount
    /// Only snapshots after this moment.
    let after: Timestamp?
    /// Of the snapshot that this rule kept last.
    var lastBucket: Int?

    init(name: String, period: KeepPeriod?, count: KeepCount, after: Timestamp?) {
        self.name = name
        self.period = period
        self.count = count
        self.after = after
    }

    mutating func reason(for candidate: KeepCandidate, rank: Int, isOldest: Bool) -> String? {
        if count == .none || count == .some(0) { return nil }
        if let after, candidate.time.instant <= after { return nil }
        let bucket = period.map { candidate.time.bucket($0) } ?? rank
        let isNew = bucket != lastBucket
        guard isNew || isOldest else { return nil }
        lastBucket = bucket
        if case .some(let left) = count { count = .some(left - 1) }
        let text = after == nil ? "\(name) snapshot" : name
        return isNew ? text : "oldest \(text)"
    }
}
