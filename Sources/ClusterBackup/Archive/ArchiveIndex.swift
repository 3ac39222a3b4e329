package import Basics
package import KubernetesModel

/// One object in an archive that is open.
package struct ArchivedItem: Sendable, Hashable {
    package let reference: ObjectReference
    /// In bytes.
    package let size: Int
    /// Where its bytes lie in the reader's own storage; means nothing elsewhere.
    let offset: Int64
}

/// What an archive holds, without the objects themselves: about 80 bytes for each, sorted once.
///
/// Of the copies of one object only one is kept: the plain path's, or the preferred version's where an archive has no
/// plain one. Other versions are listed apart.
package struct ArchiveIndex: Sendable {
    struct Entry: Sendable {
        var kind: UInt32
        /// 0 for cluster-scoped objects.
        var namespace: UInt32
        /// 0 for the plain path, 1 for the preferred version, from 2 on a place in `versions`.
        var variant: UInt32
        var size: UInt32
        var offset: Int64
        var name: String
    }

    /// `1` or `1.1.0`, from `metadata/version`; `1` for an archive without it.
    package let formatVersion: String
    /// Files under names that the format does not know; ignored, as Velero does since 1.18.1.
    package let foreignFileCount: Int
    /// Unpacked bytes of the objects, each counted once.
    package let objectBytes: ByteCount
    private let kindNames: [GroupResource]
    private let namespaceNames: [String]
    private let versionNames: [String]
    private let preferred: [UInt32: String]
    /// Sorted by kind (as text), version, namespace, name.
    private let entries: [Entry]
    private let ranges: [GroupResource: [Range<Int>]]

    init(_ builder: consuming ArchiveIndexBuilder, objectBytes: ByteCount) {
        formatVersion = builder.formatVersion ?? "1"
        foreignFileCount = builder.foreignFileCount
        self.objectBytes = objectBytes
        kindNames = builder.kinds.names
        namespaceNames = builder.namespaces.names
        versionNames = builder.versions.names
        preferred = builder.preferred
        entries = builder.sortedEntries()
        var ranges: [GroupResource: [Range<Int>]] = [:]
        var start = 0
        for index in entries.indices {
            let isLast = index + 1 == entries.count
            let (entry, next) = (entries[index], isLast ? nil : entries[index + 1])
            guard next?.kind != entry.kind || next?.isOther != entry.isOther || next?.otherVersion != entry.otherVersion
            else { continue }
            ranges[kindNames[Int(entry.kind)], default: []].append(start..<(index + 1))
            start = index + 1
        }
        self.ranges = ranges
    }

    /// The kinds that have at least one object, in order of their names.
    package var kinds: [GroupResource] { ranges.keys.sorted() }

    /// Objects, each counted once.
    package var count: Int {
        ranges.values.joined().filter { !entries[$0.lowerBound].isOther }.reduce(0) { $0 + $1.count }
    }

    /// The objects of a kind in the version that the server preferred, in order of namespace and name. Empty for a kind
    /// that is not in the archive.
    package func items(of kind: GroupResource) -> ArchivedItems {
        let range = ranges[kind]?.first { !entries[$0.lowerBound].isOther }
        return ArchivedItems(index: self, range: range ?? 0..<0)
    }

    /// The version that the server preferred for a kind when the backup was made; nil in archives of format 1.
    package func preferredVersion(of kind: GroupResource) -> String? {
        guard let index = kindNames.firstIndex(of: kind) else { return nil }
        return preferred[UInt32(index)]
    }

    /// The other versions of a kind that were saved (Velero's feature EnableAPIGroupVersions), in order.
    package func otherVersions(of kind: GroupResource) -> [String] {
        (ranges[kind] ?? []).compactMap { entries[$0.lowerBound].otherVersion.map { versionNames[$0] } }
    }

    /// The objects of a kind in one of `otherVersions`.
    package func items(of kind: GroupResource, otherVersion version: String) -> ArchivedItems {
        let range = ranges[kind]?.first { entries[$0.lowerBound].otherVersion.map { versionNames[$0] } == version }
        return ArchivedItems(index: self, range: range ?? 0..<0)
    }

    /// One object by its name; nil if it is not there. Takes a binary search.
    package func item(_ reference: ObjectReference) -> ArchivedItem? {
        let items = items(of: reference.resource)
        let wanted = (reference.namespace ?? "", reference.name)
        var (low, high) = (items.startIndex, items.endIndex)
        while low < high {
            let middle = (low + high) / 2
            let found = items[middle].reference
            if (found.namespace ?? "", found.name) < wanted { low = middle + 1 } else { high = middle }
        }
        guard low < items.endIndex, items[low].reference == reference else { return nil }
        return items[low]
    }

    /// The namespaces that have at least one object, in order.
    package var namespaces: [String] {
        Set(entries.lazy.map(\.namespace)).subtracting([0]).map { namespaceNames[Int($0)] }.sorted()
    }

    func item(at position: Int) -> ArchivedItem {
        let entry = entries[position]
        let reference = ObjectReference(
            resource: kindNames[Int(entry.kind)],
            namespace: entry.namespace == 0 ? nil : namespaceNames[Int(entry.namespace)], name: entry.name)
        return ArchivedItem(reference: reference, size: Int(entry.size), offset: entry.offset)
    }
}

/// The objects of one kind; values are made when asked for.
package struct ArchivedItems: RandomAccessCollection, Sendable {
    fileprivate let index: ArchiveIndex
    fileprivate let range: Range<Int>

    package var startIndex: Int { range.lowerBound }
    package var endIndex: Int { range.upperBound }
    package subscript(position: Int) -> ArchivedItem { index.item(at: position) }
}

extension ArchiveIndex.Entry {
    static let plain: UInt32 = 0
    static let preferredVariant: UInt32 = 1
    static let firstOther: UInt32 = 2

    var isOther: Bool { variant >= Self.firstOther }
    var otherVersion: Int? { isOther ? Int(variant - Self.firstOther) : nil }
}
