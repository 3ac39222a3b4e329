extension MemoryBucket {
    func page(_ request: ListRequest, from cursor: ListCursor) -> ListPage {
        var page = ListPage(objects: [])
        var last = cursor
        var index = keys.partitioningIndex { cursor.isBefore($0.text) && !$0.text.precedesByBytes(request.prefix) }
        while index < keys.endIndex, keys[index].text.hasBytePrefix(request.prefix) {
            let key = keys[index]
            guard var info = entry(key, versionID: nil)?.info else {
                index += 1
                continue
            }
            guard page.objects.count + page.commonPrefixes.count < request.pageSize else {
                page.nextToken = last.token
                return page
            }
            if let fold = request.delimiter.flatMap({ key.text.folded(after: request.prefix, at: $0) }) {
                page.commonPrefixes.append(fold)
                last = .afterPrefix(fold)
                index = keys.partitioningIndex { last.isBefore($0.text) }
            } else {
                info.forgetDetails()
                page.objects.append(info)
                last = .afterKey(key.text)
                index += 1
            }
        }
        return page
    }

    /// Keys ascending, newest first within a key.
    func versions(_ request: VersionListRequest) -> VersionListPage {
        var page = VersionListPage(versions: [])
        var index = keys.partitioningIndex { key in
            guard let marker = request.marker else { return !key.text.precedesByBytes(request.prefix) }
            return key >= marker.key && !key.text.precedesByBytes(request.prefix)
        }
        while index < keys.endIndex, keys[index].text.hasBytePrefix(request.prefix) {
            let key = keys[index]
            index += 1
            for version in rest(of: key, after: request.marker) {
                guard page.versions.count < request.pageSize else {
                    page.next = page.versions.last.map {
                        VersionMarker(key: $0.info.key, versionID: $0.info.versionID)
                    }
                    return page
                }
                page.versions.append(version)
            }
        }
        return page
    }

    private func rest(of key: ObjectKey, after marker: VersionMarker?) -> ArraySlice<ObjectVersion> {
        let entries = self.entries[key] ?? []
        let all = entries.indices.reversed().map { index in
            var info = entries[index].info
            info.versionID = info.versionID ?? "null"
            info.forgetDetails()
            return ObjectVersion(
                info: info, isLatest: index == entries.count - 1, isDeleteMarker: entries[index].isDeleteMarker)
        }
        guard let marker, marker.key == key else { return all[...] }
        guard let last = all.firstIndex(where: { $0.info.versionID == marker.versionID }) else { return [] }
        return all[(last + 1)...]
    }
}

extension ObjectInfo {
    /// Leaves what a listing tells.
    fileprivate mutating func forgetDetails() {
        contentType = nil
        metadata = [:]
        headers = [:]
        tagCount = 0
    }
}
