package import ResticFormat

/// One request for several blobs of a pack.
package struct PackRead: Sendable, Hashable {
    package let pack: ResticID
    /// Ascending by offset.
    package let blobs: [PackedBlob]

    /// The bytes of the pack to fetch, gaps included.
    package var range: Range<Int> {
        guard let first = blobs.first else { return 0..<0 }
        return first.range.lowerBound..<blobs.reduce(0) { max($0, $1.range.upperBound) }
    }
}

/// How to fetch many blobs with few requests: blobs of one pack that lie close together are fetched at once, and what lies
/// between is thrown away.
package enum PackReadPlan {
    /// A gap that is cheaper to read than another request.
    package static let widestGap = 1 << 20
    /// The most bytes of one request: beyond, several tasks can share the work.
    package static let longestRequest = 32 << 20

    /// - Parameter wanted: blobs with their packs, in any order; of one that is wanted twice, once.
    /// - Returns: packs in the order in which they come first in `wanted`, so that whoever needs blobs in an order gets them
    ///   nearly in it; within a pack by offset.
    package static func plan(_ wanted: some Sequence<(pack: ResticID, blob: PackedBlob)>) -> [PackRead] {
        var order: [ResticID] = []
        var blobs: [ResticID: [PackedBlob]] = [:]
        for (pack, blob) in wanted {
            if blobs[pack]?.append(blob) == nil {
                order.append(pack)
                blobs[pack] = [blob]
            }
        }
        var reads: [PackRead] = []
        for pack in order { group(pack, blobs.removeValue(forKey: pack) ?? [], into: &reads) }
        return reads
    }

    private static func group(_ pack: ResticID, _ blobs: [PackedBlob], into reads: inout [PackRead]) {
        let sorted = blobs.sorted { ($0.offset, $0.handle) < ($1.offset, $1.handle) }
        var group: [PackedBlob] = []
        for blob in sorted {
            if let last = group.last, let first = group.first {
                if last == blob { continue }
                let gap = blob.range.lowerBound - last.range.upperBound
                if gap > widestGap || blob.range.upperBound - first.range.lowerBound > longestRequest {
                    reads.append(PackRead(pack: pack, blobs: group))
                    group = []
                }
            }
            group.append(blob)
        }
        if !group.isEmpty { reads.append(PackRead(pack: pack, blobs: group)) }
    }
}

extension RepositoryIndex {
    /// The plan for fetching `handles`, each from its first copy; and those that are in no index.
    package func plan(_ handles: some Sequence<BlobHandle>) -> (reads: [PackRead], unknown: [BlobHandle]) {
        var unknown: [BlobHandle] = []
        var wanted: [(pack: ResticID, blob: PackedBlob)] = []
        for handle in handles {
            if let location = location(of: handle) {
                wanted.append((location.pack, location.packed(handle)))
            } else {
                unknown.append(handle)
            }
        }
        return (PackReadPlan.plan(wanted), unknown)
    }
}
