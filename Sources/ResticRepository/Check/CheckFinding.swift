package import ResticFormat

/// Something that a check found, in words for people: what is wrong, what is lost, what to do.
package struct CheckFinding: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        // Hints: nothing is lost.
        case orphanPack, repeatedPack, mixedPack, sizeDiffers, unsortedTree, transientFailure, emptyLock
        // Damage.
        case damagedIndex, conflictingIndex, missingPack, wrongPackSize, damagedPack, damagedBlob, missingBlob
        case damagedTree, oddNode, damagedSnapshot, damagedKey

        package var isDamage: Bool {
            switch self {
            case .orphanPack, .repeatedPack, .mixedPack, .sizeDiffers, .unsortedTree, .transientFailure, .emptyLock:
                false
            default: true
            }
        }
    }

    package let kind: Kind
    /// The file or blob that it is about.
    package let id: ResticID
    /// One line: what is wrong.
    package let message: String
    /// One line: what cannot be restored because of it; empty if nothing.
    package let loss: String
    /// One line: what to do.
    package let advice: String

    init(_ kind: Kind, _ id: ResticID, _ message: String, loss: String = "", advice: String) {
        self.kind = kind
        self.id = id
        self.message = message
        self.loss = loss
        self.advice = advice
    }
}

/// A file that cannot be restored whole.
package struct LostPath: Sendable, Hashable {
    package let snapshot: ResticID
    /// Within the snapshot, for people.
    package let path: String
}

/// What a check found. Bounds: 10,000 findings and 1,000 paths are kept, the rest is counted.
package struct CheckReport: Sendable {
    package private(set) var findings: [CheckFinding] = []
    package private(set) var damageCount = 0
    package private(set) var hintCount = 0
    package var lostPaths: [LostPath] = []
    /// Packs to hand over to `repair packs`, ascending.
    package var brokenPacks: Set<ResticID> = []
    package var checkedPacks = 0
    package var checkedTrees = 0
    package var checkedSnapshots = 0
    package var readBytes: Int64 = 0
    package private(set) var readPacks = 0

    static let mostFindings = 10_000
    static let mostPaths = 1_000

    package init() {}

    package var isClean: Bool { damageCount == 0 }
    package var suggestsRepairingIndex: Bool {
        findings.contains {
            [.damagedIndex, .conflictingIndex, .repeatedPack, .missingPack, .wrongPackSize].contains($0.kind)
        }
    }
    package var suggestsPrune: Bool { findings.contains { $0.kind == .orphanPack || $0.kind == .mixedPack } }

    /// - Returns: the sum so far.
    mutating func readPacks(adding count: Int) -> Int {
        readPacks += count
        return readPacks
    }

    mutating func add(_ finding: CheckFinding) {
        if finding.kind.isDamage { damageCount += 1 } else { hintCount += 1 }
        if findings.count < CheckReport.mostFindings { findings.append(finding) }
    }
}
