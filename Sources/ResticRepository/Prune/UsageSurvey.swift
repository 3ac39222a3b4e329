import ResticFormat

/// One bit for each record of a table.
struct BitSet: Sendable {
    private var words: [UInt64]

    init(count: Int) { words = [UInt64](repeating: 0, count: (count + 63) / 64) }

    subscript(index: Int) -> Bool { words[index >> 6] & (1 << UInt64(index & 63)) != 0 }

    /// Whether the bit was not set before.
    mutating func insert(_ index: Int) -> Bool {
        let bit: UInt64 = 1 << UInt64(index & 63)
        defer { words[index >> 6] |= bit }
        return words[index >> 6] & bit == 0
    }
}

/// Blobs that snapshots need. A blob of several copies is marked at the first of them. Memory: a bit a blob.
struct UsedBlobs: Sendable {
    var data: BitSet
    var trees: BitSet

    init(index: RepositoryIndex) {
        data = BitSet(count: index.data.records.count)
        trees = BitSet(count: index.trees.records.count)
    }
}

/// What each pack is worth: a pure function of the index and of what is used.
struct UsageSurvey: Sendable {
    /// By the numbers of the index's packs.
    private(set) var packs: [PackUsage]
    /// For each used blob exactly one copy: the one to keep, or to copy if its pack is rewritten.
    private(set) var keptData: BitSet
    private(set) var keptTrees: BitSet

    init(index: RepositoryIndex, used: UsedBlobs) {
        packs = index.packs.ids.map(PackUsage.init)
        keptData = BitSet(count: index.data.records.count)
        keptTrees = BitSet(count: index.trees.records.count)
        survey(index.data, .data, used.data, kept: \.keptData)
        survey(index.trees, .tree, used.trees, kept: \.keptTrees)
    }

    func isKept(_ kind: BlobKind, _ position: Int) -> Bool { kind == .data ? keptData[position] : keptTrees[position] }

    private mutating func survey(
        _ table: BlobTable, _ kind: BlobKind, _ used: BitSet, kept: WritableKeyPath<UsageSurvey, BitSet>
    ) {
        var repeated: [Range<Int>] = []
        table.forEachID { copies in
            let isUsed = used[copies.lowerBound]
            for position in copies { note(table.records[position], kind) }
            if isUsed, copies.count == 1 {
                use(table.records[copies.lowerBound], isDuplicate: false)
                _ = self[keyPath: kept].insert(copies.lowerBound)
            } else if isUsed {
                for position in copies { markDuplicate(table.records[position]) }
                repeated.append(copies)
            }
        }
        for copies in repeated {
            let chosen = choose(table, copies)
            use(table.records[chosen], isDuplicate: true)
            _ = self[keyPath: kept].insert(chosen)
        }
    }

    /// Counts a copy as unused for a start.
    private mutating func note(_ record: BlobRecord, _ kind: BlobKind) {
        let pack = Int(record.pack)
        let bytes = PackUsage.bytes(of: record)
        packs[pack].content = packs[pack].content?.adding(kind) ?? PackContent(kind)
        packs[pack].unusedBlobs += 1
        packs[pack].unusedBytes += bytes
        guard record.plainLengthIfCompressed == 0 else { return }
        packs[pack].uncompressedBytes += bytes
        if kind == .tree { packs[pack].hasUncompressedTrees = true } else { packs[pack].hasUncompressedData = true }
    }

    private mutating func markDuplicate(_ record: BlobRecord) {
        packs[Int(record.pack)].duplicateBlobs += 1
        packs[Int(record.pack)].duplicateBytes += PackUsage.bytes(of: record)
    }

    private mutating func use(_ record: BlobRecord, isDuplicate: Bool) {
        let pack = Int(record.pack)
        let bytes = PackUsage.bytes(of: record)
        packs[pack].usedBlobs += 1
        packs[pack].usedBytes += bytes
        packs[pack].unusedBlobs -= 1
        packs[pack].unusedBytes -= bytes
        guard isDuplicate else { return }
        packs[pack].duplicateBlobs -= 1
        packs[pack].duplicateBytes -= bytes
    }

    /// The copy in a pack that stays anyway, or that has nothing but copies (the rest of a prune that was cut off); else
    /// the last.
    private func choose(_ table: BlobTable, _ copies: Range<Int>) -> Int {
        for position in copies {
            let pack = packs[Int(table.records[position].pack)]
            if pack.usedBlobs > 0 || pack.duplicateBlobs == pack.unusedBlobs { return position }
        }
        return copies.upperBound - 1
    }
}
