package import ResticFormat

/// A snapshot with the name of its file.
package struct StoredSnapshot: Sendable, Hashable {
    package let id: ResticID
    package let snapshot: SnapshotFile

    package init(id: ResticID, snapshot: SnapshotFile) {
        self.id = id
        self.snapshot = snapshot
    }

    /// By time, then by id.
    static func isOlder(_ left: StoredSnapshot, _ right: StoredSnapshot) -> Bool {
        let (leftTime, rightTime) = (left.snapshot.time.instant, right.snapshot.time.instant)
        return leftTime == rightTime ? left.id < right.id : leftTime < rightTime
    }
}

/// Which snapshots a command is about. Source: restic's documentation, "Filtering".
package struct SnapshotFilter: Sendable, Hashable {
    /// Any of them; empty for every host.
    package var hosts: [String] = []
    /// All tags of one of the lists; an empty list is met by snapshots without tags. No list: every snapshot.
    package var tags: [[String]] = []
    /// All of them must be among the snapshot's paths.
    package var paths: [String] = []

    package init() {}

    package init(_ change: (inout SnapshotFilter) -> Void) { change(&self) }

    package var isEmpty: Bool { hosts.isEmpty && tags.isEmpty && paths.isEmpty }

    package func matches(_ snapshot: SnapshotFile) -> Bool {
        let hasHost = hosts.isEmpty || hosts.contains(snapshot.hostname)
        let hasTags =
            tags.isEmpty
            || tags.contains { wanted in
                wanted.isEmpty ? snapshot.tags.isEmpty : wanted.allSatisfy(snapshot.tags.contains)
            }
        return hasHost && hasTags && paths.allSatisfy(snapshot.paths.contains)
    }
}
