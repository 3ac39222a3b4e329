import Basics
import ObjectStorage

extension MirrorWorks {
    /// Brings tags, metadata and headers of a copy up to date without its bytes, where both stores can.
    ///
    /// - Returns: false if that is not possible: the whole object has to be copied.
    func annotate(_ key: ObjectKey, _ known: IndexEntry) async throws(MirrorWorksFailure) -> Bool {
        do throws(StoreError) {
            let now = try await source.head(key)
            let copy = try await target.head(key)
            guard now.etag == known.tag, copy.etag == known.targetTag, target.features.offers(.copies) else {
                return false
            }
            let tags = try await tags(of: now)
            let hasStamp = copy.metadata[MirrorLayout.tagStamp] != nil
            let wanted = copier.attributes.putOptions(for: now, tags: tags, isProven: !hasStamp)
            if wanted.metadata != copy.metadata || wanted.contentType != copy.contentType
                || wanted.headers != copy.headers
            {
                return try await replaceAttributes(now, copy, wanted, known)
            }
            if target.features.offers(.tags) {
                let present = copy.tagCount == 0 ? [:] : try await target.features.tags(of: key, versionID: nil)
                if present != tags { try await target.features.setTags(tags, of: key, versionID: nil) }
            }
            tally.count { $0.annotated += 1 }
            return true
        } catch {
            if error.code == .notFound || error.code == .unsupported { return false }
            throw .object(CopyFailure(.write, error))
        }
    }

    private func tags(of info: ObjectInfo) async throws(StoreError) -> [String: String] {
        guard info.tagCount > 0, options.copiesTags, target.features.offers(.tags) else { return [:] }
        return try await source.features.tags(of: info.key, versionID: nil)
    }

    private func replaceAttributes(
        _ now: ObjectInfo, _ copy: ObjectInfo, _ wanted: PutOptions, _ known: IndexEntry
    ) async throws(StoreError) -> Bool {
        let request = CopyRequest(
            source: copy.key, sourceIfMatch: copy.etag, target: copy.key, replacement: wanted)
        let info = try await target.features.copy(request)
        var entry = known
        entry.targetTag = info.etag
        entry.targetVersion = info.versionID
        do throws(MirrorError) {
            try await recorder.note(.copied(entry), [HistoryEntry(entry, now, now: tools.wallClock.now())])
        } catch {
            throw StoreError(.unavailable, error.message, cause: error)
        }
        tally.count { $0.annotated += 1 }
        return true
    }
}
