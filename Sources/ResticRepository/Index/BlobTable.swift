import ResticFormat

/// All known copies of the blobs of one kind, sorted by id. Never changes, so any number of tasks reads it without a lock.
///
/// Ids are SHA-256 sums, evenly spread, so their leading bits lead to a bucket of about six records. Memory: 48 bytes a
/// copy and about one more for the buckets.
struct BlobTable: Sendable {
    let records: [BlobRecord]
    /// Where each bucket begins in `records`, and at the end their count.
    private let starts: [UInt32]
    /// How far the leading bits are shifted down to give the bucket.
    private let shift: UInt64

    /// Sorts `chunks`, dropping rows that say exactly the same. Each chunk is freed once it was taken over, so that the
    /// rows are not in memory twice.
    init(_ chunks: consuming [[BlobRecord]]) {
        let count = chunks.reduce(0) { $0 + $1.count }
        precondition(count < Int(UInt32.max), "an index of \(count) blobs")
        let bits = BlobTable.bucketBits(for: count)
        let shift = UInt64(64 - bits)
        var starts = BlobTable.starts(of: chunks, bits: bits, shift: shift)
        var records = [BlobRecord](unsafeUninitializedCapacity: count) { space, filled in
            var cursors = starts
            while let chunk = chunks.popLast() {
                for record in chunk {
                    let bucket = Int(record.id.word0 >> shift)
                    (space.baseAddress! + Int(cursors[bucket])).initialize(to: record)
                    cursors[bucket] += 1
                }
            }
            for bucket in 0..<(starts.count - 1) {
                BlobTable.sort(
                    UnsafeMutableBufferPointer(rebasing: space[Int(starts[bucket])..<Int(starts[bucket + 1])]))
            }
            filled = count
        }
        BlobTable.dropRepeated(&records, &starts)
        self.records = records
        self.starts = starts
        self.shift = shift
    }

    init() { self.init([]) }

    /// The places in `records` of all copies of `id`; empty if there is none.
    func positions(of id: ResticID) -> Range<Int> {
        let bucket = Int(id.word0 >> shift)
        var first = Int(starts[bucket])
        let end = Int(starts[bucket + 1])
        while first < end, records[first].id < id { first += 1 }
        var last = first
        while last < end, records[last].id == id { last += 1 }
        return first..<last
    }

    func contains(_ id: ResticID) -> Bool { !positions(of: id).isEmpty }

    /// Calls `body` with the places of each id's copies, ids ascending.
    func forEachID<Failure: Error>(_ body: (Range<Int>) throws(Failure) -> Void) throws(Failure) {
        var first = 0
        while first < records.count {
            var end = first + 1
            while end < records.count, records[end].id == records[first].id { end += 1 }
            try body(first..<end)
            first = end
        }
    }

    /// One to 24 bits: about six records a bucket.
    private static func bucketBits(for count: Int) -> Int {
        var bits = 1
        while bits < 24, (count >> bits) > 6 { bits += 1 }
        return bits
    }

    private static func starts(of chunks: [[BlobRecord]], bits: Int, shift: UInt64) -> [UInt32] {
        var starts = [UInt32](repeating: 0, count: (1 << bits) + 1)
        for chunk in chunks {
            for record in chunk { starts[Int(record.id.word0 >> shift) + 1] += 1 }
        }
        for bucket in 1..<starts.count { starts[bucket] += starts[bucket - 1] }
        return starts
    }

    /// Insertion for the usual handful; a bucket that somebody filled on purpose is sorted in less than quadratic time.
    private static func sort(_ bucket: UnsafeMutableBufferPointer<BlobRecord>) {
        guard bucket.count > 1 else { return }
        guard bucket.count <= 32 else {
            var bucket = bucket
            bucket.sort(by: BlobRecord.precedes)
            return
        }
        for index in 1..<bucket.count {
            let moved = bucket[index]
            var place = index
            while place > 0, BlobRecord.precedes(moved, bucket[place - 1]) {
                bucket[place] = bucket[place - 1]
                place -= 1
            }
            bucket[place] = moved
        }
    }

    private static func dropRepeated(_ records: inout [BlobRecord], _ starts: inout [UInt32]) {
        var kept = 0
        var bucket = 0
        var read = 0
        while bucket < starts.count - 1 {
            let end = Int(starts[bucket + 1])
            starts[bucket] = UInt32(kept)
            while read < end {
                if kept == Int(starts[bucket]) || records[kept - 1] != records[read] {
                    records[kept] = records[read]
                    kept += 1
                }
                read += 1
            }
            bucket += 1
        }
        starts[bucket] = UInt32(kept)
        records.removeLast(records.count - kept)
    }

    /// For tests and `check`: whether the promises above hold.
    func checkInvariants() -> Bool {
        guard Int(starts[starts.count - 1]) == records.count, starts[0] == 0 else { return false }
        for bucket in 0..<(starts.count - 1) {
            guard starts[bucket] <= starts[bucket + 1] else { return false }
            for index in Int(starts[bucket])..<Int(starts[bucket + 1]) {
                guard Int(records[index].id.word0 >> shift) == bucket else { return false }
            }
        }
        return zip(records, records.dropFirst()).allSatisfy { BlobRecord.precedes($0, $1) }
    }
}
