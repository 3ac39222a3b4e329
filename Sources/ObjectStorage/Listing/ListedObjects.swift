/// All objects beneath a prefix, in the order of their keys, one page in memory at a time.
package struct ListedObjects: AsyncSequence, Sendable {
    package typealias Element = ObjectInfo

    fileprivate let store: any ObjectStore
    fileprivate let request: ListRequest

    package func makeAsyncIterator() -> Iterator { Iterator(store: store, request: request) }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let store: any ObjectStore
        /// Nil after the last page.
        fileprivate var request: ListRequest?
        private var page: ArraySlice<ObjectInfo> = []
        private var progress = ListProgress()

        fileprivate init(store: any ObjectStore, request: ListRequest) {
            self.store = store
            self.request = request
        }

        /// - Throws: as `ObjectStore.list`, and `.invalid` for a store whose pages repeat; a listing that failed may be
        ///   started again after the last key it gave.
        package mutating func next() async throws(StoreError) -> ObjectInfo? {
            while page.isEmpty {
                guard var request else { return nil }
                let next = try await store.list(request)
                try progress.advance(to: next.nextToken, prefix: request.prefix, in: store.location)
                page = next.objects[...]
                request.continuationToken = next.nextToken
                self.request = next.nextToken == nil ? nil : request
            }
            return page.popFirst()
        }
    }
}

extension ObjectStore {
    /// All objects whose keys begin with `prefix`, page by page; see `ListedObjects`.
    package func objects(prefix: String = "", startAfter: ObjectKey? = nil, pageSize: Int = 1000) -> ListedObjects {
        ListedObjects(
            store: self, request: ListRequest(prefix: prefix, startAfter: startAfter, pageSize: pageSize))
    }

    /// The next level beneath `prefix`, as a folder view: objects whose keys have no further slash, and the prefixes that
    /// end at one. Everything of that level is in memory: for levels that are known to be small.
    ///
    /// - Throws: `.limitExceeded` beyond `limit` entries; otherwise as `list`.
    package func level(_ prefix: String, limit: Int = 100_000) async throws(StoreError) -> ListPage {
        var all = ListPage(objects: [])
        var request = ListRequest(prefix: prefix, delimiter: "/")
        var progress = ListProgress()
        repeat {
            let page = try await list(request)
            try progress.advance(to: page.nextToken, prefix: prefix, in: location)
            all.objects += page.objects
            all.commonPrefixes += page.commonPrefixes
            guard all.objects.count + all.commonPrefixes.count <= limit else {
                throw StoreError(.limitExceeded, "more than \(limit) entries beneath '\(prefix)' in \(location)")
            }
            request.continuationToken = page.nextToken
        } while request.continuationToken != nil
        return all
    }
}
