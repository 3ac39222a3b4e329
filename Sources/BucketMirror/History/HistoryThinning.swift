package import Basics
package import ObjectStorage

/// Removes versions that `retention` does not keep, on targets that keep versions; never the present of a key, and never
/// what the store has locked. What lies before all that is kept goes from the log too, and from what was moved away.
package struct HistoryThinning: Sendable {
    package let store: any ObjectStore
    package let retention: HistoryRetention
    package let wallClock: WallClock
    /// The log is shortened by so many segments or not at all.
    package let leastSegments: Int
    /// For the state of all keys, about 150 bytes each, while the log is shortened.
    package let scratchFolder: String

    package init(
        store: any ObjectStore, retention: HistoryRetention, wallClock: WallClock, leastSegments: Int = 100,
        scratchFolder: String = "/tmp"
    ) {
        self.store = store
        self.retention = retention
        self.wallClock = wallClock
        self.leastSegments = leastSegments
        self.scratchFolder = scratchFolder
    }

    /// Memory: a page of versions and all versions of one key; a segment of the log.
    /// - Throws: `.history` if the versions cannot be listed, or the log is damaged.
    package func run(isDryRun: Bool) async throws(MirrorError) -> ThinningReport {
        var report = ThinningReport()
        if store.features.offers(.versions) { try await thinVersions(isDryRun, &report) }
        let shortening = HistoryShortening(
            store: store, horizon: wallClock.now() + (.zero - retention.daily), leastSegments: leastSegments,
            scratchFolder: scratchFolder)
        let plan = try await shortening.plan()
        report.segments = plan.segments
        report.moved = plan.moved.count
        for object in plan.moved { report.bytesRemoved += object.size }
        if !isDryRun { report.locked += try await shortening.run(plan) }
        return report
    }

    private func thinVersions(_ isDryRun: Bool, _ report: inout ThinningReport) async throws(MirrorError) {
        var request = VersionListRequest()
        var versions: [ObjectVersion] = []
        let now = wallClock.now()
        while true {  // Ends with the listing.
            let page = try await list(request)
            for version in page.versions {
                if let key = versions.last?.info.key, key != version.info.key {
                    try await thin(versions, now, isDryRun, &report)
                    versions = []
                }
                versions.append(version)
            }
            guard let next = page.next else { break }
            request.marker = next
        }
        try await thin(versions, now, isDryRun, &report)
    }

    private func isOfTheLog(_ key: ObjectKey) -> Bool {
        [MirrorLayout.log, MirrorLayout.base].contains { key.text.hasPrefix($0) }
    }

    private func list(_ request: VersionListRequest) async throws(MirrorError) -> VersionListPage {
        do throws(StoreError) {
            return try await store.features.listVersions(request)
        } catch {
            throw MirrorError(.history, "listing the versions in \(store.location) failed", side: .target, cause: error)
        }
    }

    /// - Parameter versions: of one key, newest first.
    private func thin(
        _ versions: [ObjectVersion], _ now: Timestamp, _ isDryRun: Bool, _ report: inout ThinningReport
    ) async throws(MirrorError) {
        guard let key = versions.first?.info.key, !isOfTheLog(key) else { return }
        report.versions += versions.count
        let oldestFirst = Array(versions.reversed())
        let states = oldestFirst.indices.map { index in
            HistoryRetention.State(
                from: oldestFirst[index].info.lastModified ?? now,
                until: index + 1 < oldestFirst.count ? oldestFirst[index + 1].info.lastModified ?? now : nil)
        }
        let going = retention.removable(states, now: now).map { oldestFirst[$0] }
        guard !going.isEmpty else { return }
        let names = going.compactMap { version in
            version.info.versionID.map { VersionName(key: key, versionID: $0) }
        }
        var failures: [VersionName: StoreError] = [:]
        if !isDryRun {
            do throws(StoreError) {
                failures = try await store.features.deleteVersions(names)
            } catch {
                throw MirrorError(error, .target, while: "removing old versions of '\(key)'")
            }
        }
        report.locked += failures.count
        report.removed += names.count - failures.count
        let kept = Set(failures.keys.map(\.versionID))
        for version in going where !kept.contains(version.info.versionID ?? "") {
            report.bytesRemoved += version.info.size
        }
    }
}
