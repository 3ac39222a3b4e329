import Basics
import ObjectStorage
import Synchronization

/// Finds bytes that the log does not know the place of: a mirror that was killed had moved them, or had adopted a copy
/// whose version it never saw.
final class OldPlaces: Sendable {
    private let store: any ObjectStore
    private let moved = Mutex<[ObjectKey: [(place: ObjectKey, tag: String?)]]?>(nil)

    init(_ store: any ObjectStore) { self.store = store }

    /// Memory: the names beneath the history's prefix, once it is asked for.
    func find(_ entry: IndexEntry) async throws(StoreError) -> ObjectOrigin? {
        guard let tag = entry.targetTag else { return nil }
        if store.features.offers(.versions), let version = try await version(of: entry.key, tag) {
            return ObjectOrigin(key: entry.key, versionID: version)
        }
        let places = try await places()
        return places[entry.key]?.last { $0.tag == tag }.map { ObjectOrigin(key: $0.place) }
    }

    private func version(of key: ObjectKey, _ tag: String) async throws(StoreError) -> String? {
        var request = VersionListRequest(prefix: key.text)
        do throws(StoreError) {
            while true {  // Ends behind the versions of this key, or with the listing.
                let page = try await store.features.listVersions(request)
                for version in page.versions {
                    guard version.info.key == key else { return nil }
                    if version.info.etag == tag, !version.isDeleteMarker { return version.info.versionID }
                }
                guard let next = page.next else { return nil }
                request.marker = next
            }
        } catch {
            if error.code == .unsupported { return nil }
            throw error
        }
    }

    private func places() async throws(StoreError) -> [ObjectKey: [(place: ObjectKey, tag: String?)]] {
        if let known = moved.withLock({ $0 }) { return known }
        var found: [ObjectKey: [(place: ObjectKey, tag: String?)]] = [:]
        var listing = ListingReader(store, prefix: MirrorLayout.old)
        while true {  // Ends with the listing.
            let page = try await listing.next()
            for object in page.objects {
                let rest = object.key.text.dropFirst(MirrorLayout.old.count)
                guard let slash = rest.firstIndex(of: "/"),
                    let key = ObjectKey(String(rest[rest.index(after: slash)...]))
                else { continue }
                found[key, default: []].append((object.key, object.etag))
            }
            if page.isLast { break }
        }
        moved.withLock { $0 = found }
        return found
    }
}
