import Basics
package import ResticFormat

/// Which snapshot a new one is compared with.
package struct ParentChoice: Sendable {
    package enum Member: String, Sendable, CaseIterable { case host, paths, tags }

    /// In which of these the parent must agree. Its paths may be more, its tags too.
    package var grouping: Set<Member> = [.host, .paths]

    package init(grouping: Set<Member> = [.host, .paths]) { self.grouping = grouping }

    /// The newest of `candidates` that is not newer than `new` and of its group; nil if there is none.
    package func parent(
        of new: SnapshotFile, among candidates: some Sequence<(id: ResticID, snapshot: SnapshotFile)>
    ) -> ParentSnapshot? {
        var best: (id: ResticID, snapshot: SnapshotFile)?
        for candidate in candidates where isOfGroup(candidate.snapshot, new) {
            guard candidate.snapshot.time.instant <= new.time.instant else { continue }
            if let known = best, known.snapshot.time.instant >= candidate.snapshot.time.instant { continue }
            best = candidate
        }
        return best.map { ParentSnapshot(id: $0.id, tree: $0.snapshot.tree) }
    }

    private func isOfGroup(_ candidate: SnapshotFile, _ new: SnapshotFile) -> Bool {
        if grouping.contains(.host), candidate.hostname != new.hostname { return false }
        if grouping.contains(.paths), !Set(candidate.paths).isSuperset(of: new.paths) { return false }
        return !grouping.contains(.tags) || Set(candidate.tags).isSuperset(of: new.tags)
    }
}
