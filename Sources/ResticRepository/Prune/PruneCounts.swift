/// A plan in numbers, under the names that restic's JSON has for them.
package struct PruneCounts: Sendable, Hashable {
    package struct Blobs: Sendable, Hashable {
        package var used = 0
        package var duplicate = 0
        package var unused = 0
        package var repack = 0
        package var repackRemove = 0
        package var remove = 0

        package var total: Int { used + duplicate + unused }
        package var removeTotal: Int { remove + repackRemove }
        package var remaining: Int { total - removeTotal }
    }

    package struct Bytes: Sendable, Hashable {
        package var used: Int64 = 0
        package var duplicate: Int64 = 0
        package var unused: Int64 = 0
        package var unreferenced: Int64 = 0
        package var uncompressed: Int64 = 0
        package var repack: Int64 = 0
        package var repackRemove: Int64 = 0
        package var remove: Int64 = 0
        /// In packs that stay.
        package var remainingUnused: Int64 = 0

        package var total: Int64 { used + duplicate + unused + unreferenced }
        package var removeTotal: Int64 { remove + repackRemove + unreferenced }
        package var remaining: Int64 { total - removeTotal }
    }

    package struct PackFiles: Sendable, Hashable {
        package var used = 0
        package var unused = 0
        package var partlyUsed = 0
        package var unreferenced = 0
        package var keep = 0
        package var repack = 0
        package var remove = 0

        package var total: Int { used + unused + partlyUsed + unreferenced }
        package var removeTotal: Int { remove + unreferenced }
    }

    package var blobs = Blobs()
    package var bytes = Bytes()
    package var packFiles = PackFiles()

    init(usage: [PackUsage], verdicts: [PrunePlan.Verdict], unindexed: [ListedPack]) {
        for (pack, verdict) in zip(usage, verdicts) {
            count(pack)
            count(pack, verdict)
        }
        packFiles.unreferenced = unindexed.count
        bytes.unreferenced = unindexed.map(\.size).reduce(0, +)
    }

    private mutating func count(_ pack: PackUsage) {
        blobs.used += pack.usedBlobs
        blobs.duplicate += pack.duplicateBlobs
        blobs.unused += pack.unusedBlobs - pack.duplicateBlobs
        bytes.used += Int64(pack.usedBytes)
        bytes.duplicate += Int64(pack.duplicateBytes)
        bytes.unused += Int64(pack.unusedBytes - pack.duplicateBytes)
        bytes.uncompressed += Int64(pack.uncompressedBytes)
        if pack.usedBlobs == 0 {
            packFiles.unused += 1
        } else if pack.unusedBlobs == 0 {
            packFiles.used += 1
        } else {
            packFiles.partlyUsed += 1
        }
    }

    private mutating func count(_ pack: PackUsage, _ verdict: PrunePlan.Verdict) {
        switch verdict {
        case .keep:
            packFiles.keep += 1
            bytes.remainingUnused += Int64(pack.unusedBytes)
        case .repack:
            packFiles.repack += 1
            blobs.repack += pack.usedBlobs + pack.unusedBlobs
            blobs.repackRemove += pack.unusedBlobs
            bytes.repack += Int64(pack.size)
            bytes.repackRemove += Int64(pack.unusedBytes)
        case .remove, .forget:
            packFiles.remove += 1
            blobs.remove += pack.unusedBlobs
            bytes.remove += Int64(pack.size)
        }
    }
}
