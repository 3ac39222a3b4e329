package import ResticFormat

/// What a prune would do, as a value: printed by a dry run, carried out by `PruneRun`.
package struct PrunePlan: Sendable {
    package enum Verdict: Sendable, Hashable {
        case keep
        /// What is needed of it is copied into new packs; then it goes.
        case repack
        /// Nothing in it is needed.
        case remove
        /// Not in the store, and nothing in it is needed: it only leaves the index.
        case forget
    }

    /// By the numbers of the index's packs.
    package let verdicts: [Verdict]
    package let usage: [PackUsage]
    /// In the store, but in no index: left by writers that were cut off. Sizes in bytes.
    package let unindexed: [ListedPack]
    package let counts: PruneCounts

    package var removesNothing: Bool { unindexed.isEmpty && verdicts.allSatisfy { $0 == .keep } }

    /// - Parameters:
    ///   - usage: of each pack of the index.
    ///   - listed: the sizes of the pack files in the store.
    /// - Throws: `.damaged` if a pack that is needed is missing or has another size than the index says.
    init(
        usage: [PackUsage], listed: [ListedPack], options: PruneOptions, compresses: Bool
    ) throws(RepositoryError) {
        var sizes: [ResticID: Int64] = [:]
        for pack in listed { sizes[pack.id] = pack.size }
        var sorting = PackSorting(options: options, compresses: compresses, listed: listed)
        for (number, pack) in usage.enumerated() {
            try sorting.add(pack, number: number, listedSize: sizes.removeValue(forKey: pack.id))
        }
        verdicts = sorting.decide(count: usage.count)
        self.usage = usage
        unindexed = listed.filter { sizes[$0.id] != nil }
        counts = PruneCounts(usage: usage, verdicts: verdicts, unindexed: unindexed)
    }
}

/// A pack file as the store lists it.
package struct ListedPack: Sendable, Hashable {
    package let id: ResticID
    /// In bytes.
    package let size: Int64

    package init(id: ResticID, size: Int64) {
        self.id = id
        self.size = size
    }
}

/// The packs of a plan on their way to a verdict.
private struct PackSorting {
    private struct Candidate {
        let number: Int
        let pack: PackUsage
        /// Rewritten whatever else it is worth.
        let isForced: Bool
        let isSmall: Bool

        var isTreesOrMixed: Bool { pack.content != .data }
    }

    private let options: PruneOptions
    private let compresses: Bool
    private let smallBytes: Int
    private var verdicts: [Int: PrunePlan.Verdict] = [:]
    private var candidates: [Candidate] = []
    /// Complete, but small: worth the trouble only if there are several.
    private var small: [Candidate] = []
    private var usedBytes: Int64 = 0
    private var keptUnusedBytes: Int64 = 0

    init(options: PruneOptions, compresses: Bool, listed: [ListedPack]) {
        self.options = options
        self.compresses = compresses
        smallBytes = options.smallPackBytes ?? PackSorting.smallBytes(listed)
    }

    /// 0.8 of the larger of 4 MiB and the 3rd percentile of the sizes.
    private static func smallBytes(_ listed: [ListedPack]) -> Int {
        let sizes = listed.map(\.size).sorted()
        let percentile = sizes.isEmpty ? 0 : sizes[sizes.count * 3 / 100]
        return Int(Double(max(4 << 20, percentile)) * 0.8)
    }

    mutating func add(_ pack: PackUsage, number: Int, listedSize: Int64?) throws(RepositoryError) {
        guard pack.usedBlobs > 0 else {
            verdicts[number] = listedSize == nil ? .forget : .remove
            return
        }
        guard let listedSize else {
            throw RepositoryError(
                .damaged, "pack \(pack.id) is not in the store, but \(pack.usedBlobs) of its blobs are needed")
        }
        guard listedSize == Int64(pack.size) else {
            throw RepositoryError(
                .damaged, "pack \(pack.id) has \(listedSize) bytes where the index says \(pack.size): repair the index")
        }
        usedBytes += Int64(pack.usedBytes)
        keptUnusedBytes += Int64(pack.unusedBytes)
        sort(pack, number)
    }

    private mutating func sort(_ pack: PackUsage, _ number: Int) {
        if options.repacksTreesOnly, pack.content == .data { return }
        let mustCompress =
            compresses && (pack.hasUncompressedTrees || (options.repacksUncompressed && pack.hasUncompressedData))
        let isForced = pack.content != .data || mustCompress
        let isWhole = pack.unusedBlobs == 0 && pack.content != .mixed && !mustCompress
        let isSmall = pack.size < smallBytes
        let candidate = Candidate(number: number, pack: pack, isForced: isForced, isSmall: isSmall)
        if !isWhole {
            candidates.append(candidate)
        } else if isSmall {
            small.append(candidate)
        }
    }

    /// The verdicts by number; what was not decided otherwise is kept.
    mutating func decide(count: Int) -> [PrunePlan.Verdict] {
        var result = [PrunePlan.Verdict](repeating: .keep, count: count)
        for (number, verdict) in verdicts { result[number] = verdict }
        if small.count >= 10 { candidates += small }
        candidates.sort(by: PackSorting.isBefore)
        let limit = unusedLimit
        var repacked: Int64 = 0
        for candidate in candidates {
            let size = Int64(candidate.pack.size)
            if let most = options.maxRepackBytes, repacked + size >= most { continue }
            let isGoodEnough = keptUnusedBytes <= limit && !candidate.isSmall
            guard candidate.isForced || !isGoodEnough else { continue }
            result[candidate.number] = .repack
            repacked += size
            keptUnusedBytes -= Int64(candidate.pack.unusedBytes)
        }
        return result
    }

    private var unusedLimit: Int64 {
        switch options.maxUnused {
        case .unlimited: .max
        case .bytes(let bytes): bytes
        case .percent(let percent) where percent >= 100: .max
        case .percent(let percent): Int64(Double(usedBytes) * percent / (100 - percent))
        }
    }

    /// Trees first, small ones first, then those of which most is waste.
    private static func isBefore(_ left: Candidate, _ right: Candidate) -> Bool {
        if left.isTreesOrMixed != right.isTreesOrMixed { return left.isTreesOrMixed }
        if left.isSmall != right.isSmall { return left.isSmall }
        let (leftWaste, rightWaste) = (
            left.pack.unusedBytes * right.pack.usedBytes, right.pack.unusedBytes * left.pack.usedBytes
        )
        return leftWaste == rightWaste ? left.pack.id < right.pack.id : leftWaste > rightWaste
    }
}
