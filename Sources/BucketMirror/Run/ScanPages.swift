import Basics
import ObjectStorage

/// The two sides of a comparison, page by page.
struct ScanPages {
    private let index: MirrorIndex?
    private var source: ListingReader
    private var target: ListingReader
    private var lastIndexed: ObjectKey?
    private var sorted: [ListingMerge.Side: SortedListing] = [:]

    /// - Parameter sorting: the sides whose store does not sort by bytes.
    init(
        works: MirrorWorks, isAgainstIndex: Bool, sorting: Set<ListingMerge.Side>
    ) async throws(MirrorError) {
        index = isAgainstIndex ? works.index : nil
        source = ListingReader(works.source)
        target = ListingReader(works.target)
        for side in sorting {
            sorted[side] = try await SortedListing(
                side == .source ? works.source : works.target, side == .source ? .source : .target)
        }
    }

    mutating func next(_ side: ListingMerge.Side) async throws(MirrorError) -> ListingReader.Page {
        if let listing = sorted[side] {
            let page = try listing.next()
            return page
        }
        switch side {
        case .source:
            do throws(StoreError) {
                return try await source.next()
            } catch {
                throw MirrorError(error, .source, while: "listing the source")
            }
        case .target:
            if let index { return try indexed(index) }
            do throws(StoreError) {
                return try await target.next()
            } catch {
                throw MirrorError(error, .target, while: "listing the target")
            }
        }
    }

    func cancel() {
        source.cancel()
        target.cancel()
    }

    private mutating func indexed(_ index: MirrorIndex) throws(MirrorError) -> ListingReader.Page {
        let entries = try index.page(after: lastIndexed)
        lastIndexed = entries.last?.key ?? lastIndexed
        return (entries.map(\.source), entries.count < 1000)
    }
}
