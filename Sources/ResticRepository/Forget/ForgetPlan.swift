package import Basics
package import ResticFormat

/// Which snapshots to forget, as a value: printed by a dry run, carried out by `Repository.forget`.
package struct ForgetPlan: Sendable {
    package struct Kept: Sendable {
        package let snapshot: StoredSnapshot
        /// Never empty.
        package let reasons: [String]
    }

    package struct Group: Sendable {
        package let key: SnapshotGroupKey
        /// The latest first.
        package var kept: [Kept] = []
        package var forgotten: [StoredSnapshot] = []
    }

    package private(set) var groups: [Group] = []

    package var forgotten: [StoredSnapshot] { groups.flatMap(\.forgotten) }

    /// Applies a policy to each group of the snapshots that the filter lets through.
    ///
    /// - Parameter allowsNothingKept: a policy that keeps nothing of a group is carried out; otherwise it is refused.
    /// - Throws: `.invalid` for a policy without rules, and for one that keeps nothing of a group.
    package init(
        _ snapshots: [StoredSnapshot], filter: SnapshotFilter = SnapshotFilter(),
        grouping: SnapshotGrouping = SnapshotGrouping(), policy: KeepPolicy, now: Timestamp,
        allowsNothingKept: Bool = false
    ) throws(RepositoryError) {
        guard !policy.isEmpty || (allowsNothingKept && !filter.isEmpty) else {
            throw RepositoryError(.invalid, "the policy keeps nothing: name what to keep")
        }
        for (key, members) in grouping.groups(snapshots.filter { filter.matches($0.snapshot) }) {
            let latestFirst = Array(members.sorted(by: StoredSnapshot.isOlder).reversed())
            let reasons = policy.reasons(for: latestFirst.map { KeepCandidate($0.snapshot) }, now: now)
            var group = Group(key: key)
            for (snapshot, reasons) in zip(latestFirst, reasons) {
                if reasons.isEmpty {
                    group.forgotten.append(snapshot)
                } else {
                    group.kept.append(Kept(snapshot: snapshot, reasons: reasons))
                }
            }
            guard allowsNothingKept || !group.kept.isEmpty else {
                throw RepositoryError(
                    .invalid,
                    "the policy would forget all \(members.count) snapshots of host '\(key.hostname)', paths \(key.paths)"
                )
            }
            groups.append(group)
        }
    }
}

extension KeepCandidate {
    package init(_ snapshot: SnapshotFile) {
        self.init(
            time: SnapshotTime(instant: snapshot.time.instant, offsetSeconds: Int(snapshot.time.zoneOffset)),
            tags: Set(snapshot.tags))
    }
}
