import ResticFormat

/// Which index files stay, and what has to be written anew, so that some packs leave the index: a pure function.
struct IndexRewrite: Sendable {
    /// To be removed once the new files are stored.
    private(set) var obsolete: [ResticID] = []
    /// The numbers of packs to describe anew, ascending.
    private(set) var packs: [UInt32] = []

    /// A file stays if it is full, not oversized, names no excluded pack and none that an earlier file that stays names.
    ///
    /// - Parameter keepsFullFiles: false to write everything anew.
    init(files: [IndexFileContent], packCount: Int, excluded: (UInt32) -> Bool, keepsFullFiles: Bool = true) {
        var settled = BitSet(count: packCount)
        var rewritten: [IndexFileContent] = []
        for file in files {
            if keepsFullFiles && IndexRewrite.mayStay(file, excluded, settled) {
                for pack in file.packs { _ = settled.insert(Int(pack)) }
            } else {
                rewritten.append(file)
            }
        }
        obsolete = rewritten.map(\.id)
        var wanted = settled
        for pack in rewritten.lazy.flatMap(\.packs) where !excluded(pack) && wanted.insert(Int(pack)) {
            packs.append(pack)
        }
        packs.sort()
    }

    private static func mayStay(_ file: IndexFileContent, _ excluded: (UInt32) -> Bool, _ others: BitSet) -> Bool {
        (IndexFile.fullBlobCount...IndexFile.oversizedBlobCount).contains(file.blobCount)
            && !file.packs.contains { excluded($0) || others[Int($0)] }
    }
}

extension RepositoryIndex {
    /// Calls `body` with each of some packs and all its blobs, by offset. Memory: 8 bytes for each blob of these packs.
    func forEachPack(
        _ packs: [UInt32], _ body: (ResticID, [PackedBlob]) async throws(RepositoryError) -> Void
    ) async throws(RepositoryError) {
        var places = [Int](repeating: -1, count: self.packs.count)
        for (place, pack) in packs.enumerated() { places[Int(pack)] = place }
        let groups = RecordGroups(index: self, places: places, count: packs.count)
        for (place, pack) in packs.enumerated() { try await body(self.packs[pack], groups.blobs(place, in: self)) }
    }
}

/// The records of some packs, pack by pack: positions of data, and those of trees after them.
struct RecordGroups: Sendable {
    private var starts: [Int]
    private var positions: [UInt32]
    private let dataCount: Int

    /// - Parameter places: for each pack of the index its place among the groups, or -1.
    init(index: RepositoryIndex, places: [Int], count: Int) {
        dataCount = index.data.records.count
        starts = [Int](repeating: 0, count: count + 1)
        for table in [index.data, index.trees] {
            for record in table.records where places[Int(record.pack)] >= 0 {
                starts[places[Int(record.pack)] + 1] += 1
            }
        }
        for place in 0..<count { starts[place + 1] += starts[place] }
        positions = [UInt32](repeating: 0, count: starts[count])
        var cursors = starts
        for (base, table) in [(0, index.data), (dataCount, index.trees)] {
            for (position, record) in table.records.enumerated() {
                let place = places[Int(record.pack)]
                guard place >= 0 else { continue }
                positions[cursors[place]] = UInt32(base + position)
                cursors[place] += 1
            }
        }
    }

    func blobs(_ place: Int, in index: RepositoryIndex) -> [PackedBlob] {
        positions[starts[place]..<starts[place + 1]].map { position in
            let position = Int(position)
            return position < dataCount
                ? index.data.records[position].packed(.data) : index.trees.records[position - dataCount].packed(.tree)
        }.sorted { $0.offset < $1.offset }
    }
}
