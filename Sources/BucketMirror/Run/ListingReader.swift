import Basics
import ObjectStorage

/// A sorted listing, page by page, one page ahead of whoever reads: the store works while the page before is compared.
struct ListingReader {
    typealias Page = (objects: [ObjectInfo], isLast: Bool)

    private let store: any ObjectStore
    /// Of the next page.
    private var request: ListRequest
    private var ahead: Task<Result<ListPage, StoreError>, Never>?
    private var lastToken: String?

    init(_ store: any ObjectStore, prefix: String = "", startAfter: ObjectKey? = nil) {
        self.store = store
        request = ListRequest(prefix: prefix, startAfter: startAfter)
    }

    /// The next page.
    /// - Throws: `StoreError` as `list`; `.invalid` if a listing goes on where it was before.
    mutating func next() async throws(StoreError) -> Page {
        let task = ahead ?? fetch(request)
        let result = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        let page: ListPage
        do throws(StoreError) {
            page = try result.get()
        } catch {
            // The same page is asked for again by the next call.
            ahead = nil
            throw error
        }
        guard let token = page.nextToken else {
            ahead = nil
            return (page.objects, true)
        }
        guard token != lastToken else {
            throw StoreError(.invalid, "the listing of \(store.location) goes on where it was before")
        }
        lastToken = token
        request.continuationToken = token
        ahead = fetch(request)
        return (page.objects, false)
    }

    /// Gives up what was asked for ahead.
    func cancel() { ahead?.cancel() }

    private func fetch(_ request: ListRequest) -> Task<Result<ListPage, StoreError>, Never> {
        Task.apart { [store] in
            do throws(StoreError) {
                return .success(try await store.list(request))
            } catch {
                return .failure(error)
            }
        }
    }
}
