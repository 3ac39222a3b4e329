import Basics
import ObjectStorage

/// The two sides of a comparison, page by page.
struct ScanPages {
    private let works: MirrorWorks
    private let index: MirrorIndex?
    private var source: ListingReader
    private var target: ListingReader
    private var lastIndexed: ObjectKey?
    private var sorted: [ListingMerge.Side: SortedListing] = [:]

    /// - Parameter sorting: the sides whose store does not sort by bytes.
    init(
        works: MirrorWorks, isAgainstIndex: Bool, sorting: Set<ListingMerge.Side>
    ) async throws(MirrorError) {
        self.works = works
        index = isAgainstIndex ? works.index : nil
        source = ListingReader(works.source)
        target = ListingReader(works.target)
        for side in sorting {
            sorted[side] = try await SortedListing(
                side == .source ? works.source : works.target, side == .source ? .source : .target)
        }
    }

    mutating func next(_ side: ListingMerge.Side) async throws(MirrorError) -> ListingReader.Page {
        Progress.ofTask?.step()
        if let listing = sorted[side] { return try listing.next() }
        if side == .target, let index { return try indexed(index) }
        var tries = 0
        while true {  // Ends with a page, an error that time does not heal, or cancellation.
            do throws(StoreError) {
                return try await side == .source ? source.next() : target.next()
            } catch {
                guard works.isPatient, error.isTemporary, !Task.isCancelled else {
                    throw MirrorError(
                        error, side == .source ? .source : .target, while: "listing the \(side.rawValue)")
                }
                tries += 1
            }
            Progress.ofTask?.step()
            // The pause only lasts longer than it must if the task is cancelled, and then the next try says so.
            try? await works.tools.clock.sleep(for: .milliseconds(min(20_000, 100 * (1 << min(tries, 8)))))
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
