package import Basics
package import ObjectStorage

/// Removes versions that `retention` does not keep, on targets that keep versions; never the present of a key, and never
/// what the store has locked. Objects of the log are never touched.
package struct HistoryThinning: Sendable {
    package let store: any ObjectStore
    package let retention: HistoryRetention
    package let wallClock: WallClock

    package init(store: any ObjectStore, retention: HistoryRetention, wallClock: WallClock) {
        self.store = store
        self.retention = retention
        self.wallClock = wallClock
    }

    /// Memory: a page of versions and all versions of one key.
    /// - Throws: `.history` if the store keeps no versions.
    package func run(isDryRun: Bool) async throws(MirrorError) -> ThinningReport {
        var report = ThinningReport()
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
        return report
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
        guard let key = versions.first?.info.key, !key.text.hasPrefix(MirrorLayout.log) else { return }
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
