internal import KubernetesModel

/// Collects the entries of an archive as they are met.
struct ArchiveIndexBuilder {
    /// Numbers texts in the order of their first use.
    struct Table<Name: Hashable & Sendable>: Sendable {
        private(set) var names: [Name]
        private var numbers: [Name: UInt32] = [:]

        init(_ first: [Name] = []) {
            names = first
            for (number, name) in first.enumerated() { numbers[name] = UInt32(number) }
        }

        mutating func number(of name: Name) -> UInt32 {
            if let number = numbers[name] { return number }
            let number = UInt32(names.count)
            names.append(name)
            numbers[name] = number
            return number
        }
    }

    var formatVersion: String?
    var foreignFileCount = 0
    private(set) var kinds = Table<GroupResource>()
    /// Number 0 is "none".
    private(set) var namespaces = Table<String>([""])
    private(set) var versions = Table<String>()
    private(set) var preferred: [UInt32: String] = [:]
    private(set) var entries: [ArchiveIndex.Entry] = []

    /// Whether `path` is the preferred-version copy of the object added last. Honest writers put the two side by side,
    /// so that its bytes need not be stored again.
    mutating func isSecondCopy(_ path: ItemPath, size: Int64) -> Bool {
        guard case .preferred(let version) = path.variant, let last = entries.last,
            last.variant == ArchiveIndex.Entry.plain, Int64(last.size) == size, last.name == path.name,
            last.namespace == namespaces.number(of: path.namespace ?? ""), last.kind == kinds.number(of: path.resource)
        else { return false }
        preferred[last.kind] = version
        return true
    }

    mutating func add(_ path: ItemPath, size: Int64, offset: Int64) {
        let kind = kinds.number(of: path.resource)
        let variant: UInt32
        switch path.variant {
        case .plain: variant = ArchiveIndex.Entry.plain
        case .preferred(let version):
            preferred[kind] = version
            variant = ArchiveIndex.Entry.preferredVariant
        case .other(let version): variant = ArchiveIndex.Entry.firstOther + versions.number(of: version)
        }
        entries.append(
            ArchiveIndex.Entry(
                kind: kind, namespace: namespaces.number(of: path.namespace ?? ""), variant: variant,
                size: UInt32(size), offset: offset, name: path.name))
    }

    /// Sorted by kind, version, namespace, name; of copies of one object the first by rank stays: plain before
    /// preferred, and of one path written twice the later one, as unpacking would leave it.
    consuming func sortedEntries() -> [ArchiveIndex.Entry] {
        let kindRank = ranks(kinds.names.map(\.description))
        let namespaceRank = ranks(namespaces.names)
        func rank(_ entry: ArchiveIndex.Entry) -> (Int, UInt32, Int) {
            (kindRank[Int(entry.kind)], entry.isOther ? entry.variant : 0, namespaceRank[Int(entry.namespace)])
        }
        var sorted = entries
        sorted.sort { left, right in
            let (leftRank, rightRank) = (rank(left), rank(right))
            if leftRank != rightRank { return leftRank < rightRank }
            if left.name != right.name { return left.name < right.name }
            if left.variant != right.variant { return left.variant < right.variant }
            return left.offset > right.offset
        }
        var kept: [ArchiveIndex.Entry] = []
        kept.reserveCapacity(sorted.count)
        for entry in sorted {
            if let last = kept.last, rank(last) == rank(entry), last.name == entry.name { continue }
            kept.append(entry)
        }
        return kept
    }

    /// For each number the place of its name in the order of all names.
    private func ranks(_ names: [String]) -> [Int] {
        var ranks = Array(repeating: 0, count: names.count)
        for (rank, number) in names.indices.sorted(by: { names[$0] < names[$1] }).enumerated() { ranks[number] = rank }
        return ranks
    }
}
