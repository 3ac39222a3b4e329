package import ObjectStorage

/// Merges two sorted listings, page by page, into the differences of their keys. Pure; keeps at most the pages it was fed.
package struct ListingMerge {
    package enum Side: String, Sendable, Hashable { case source, target }

    package enum Step {
        /// Feed the next page of that side.
        case needs(Side)
        case difference(Difference)
        case finished
    }

    /// A listing does not ascend: its store sorts in another way, or it goes round in circles.
    package struct Disorder: Error, Hashable {
        package let side: Side
        package let key: ObjectKey
        package let previous: ObjectKey
    }

    private struct Listing {
        var objects: ArraySlice<ObjectInfo> = []
        var last: ObjectKey?
        var hasEnded = false

        mutating func feed(_ page: [ObjectInfo], isLast: Bool, side: Side) throws(Disorder) {
            for object in page {
                if let last, object.key <= last { throw Disorder(side: side, key: object.key, previous: last) }
                last = object.key
            }
            objects = objects.isEmpty ? page[...] : objects + page
            hasEnded = isLast
        }
    }

    private var source = Listing()
    private var target = Listing()
    /// The target's side is what the index remembers of the source.
    private let isAgainstIndex: Bool
    package var comparison: ObjectComparison

    package init(comparison: ObjectComparison = ObjectComparison(), isAgainstIndex: Bool = false) {
        self.comparison = comparison
        self.isAgainstIndex = isAgainstIndex
    }

    /// - Parameter isLast: no page follows.
    package mutating func feed(_ side: Side, _ page: [ObjectInfo], isLast: Bool) throws(Disorder) {
        switch side {
        case .source: try source.feed(page, isLast: isLast, side: side)
        case .target: try target.feed(page, isLast: isLast, side: side)
        }
    }

    package mutating func next() -> Step {
        if source.objects.isEmpty, !source.hasEnded { return .needs(.source) }
        if target.objects.isEmpty, !target.hasEnded { return .needs(.target) }
        guard let left = source.objects.first else {
            guard let extra = target.objects.popFirst() else { return .finished }
            return .difference(.extra(extra))
        }
        guard let right = target.objects.first else {
            source.objects.removeFirst()
            return .difference(.missing(left))
        }
        let order = left.key.order(to: right.key)
        if order < 0 {
            source.objects.removeFirst()
            return .difference(.missing(left))
        }
        target.objects.removeFirst()
        if order > 0 { return .difference(.extra(right)) }
        source.objects.removeFirst()
        return .difference(
            isAgainstIndex
                ? comparison.difference(left, remembered: right) : comparison.difference(left, right))
    }
}
