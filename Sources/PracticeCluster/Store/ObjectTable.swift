import KubernetesModel

/// The place of an object within its kind. Ordered as etcd orders keys: by namespace, then by name, as bytes.
struct ObjectKey: Hashable, Comparable {
    /// Empty for cluster-scoped objects.
    let namespace: String
    let name: String

    static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        if left.namespace != right.namespace { return left.path.lexicographicallyPrecedes(right.path) }
        return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
    }

    private var path: String.UTF8View { (namespace + "/").utf8 }
}

/// One object as it is kept: bytes ready to be sent, and what lists select by.
struct StoredEntry {
    /// A JSON object without `apiVersion` and `kind`, which depend on who asks.
    let bytes: [UInt8]
    let labels: [String: String]
    let resourceVersion: Int
    let uid: String
}

/// One change of one object; what a watch sends and what an older view of a table is made of.
struct TableEvent {
    let resourceVersion: Int
    let key: ObjectKey
    let old: StoredEntry?
    /// Nil for a deletion.
    let new: StoredEntry?
    /// Of a deletion: the last state with the resource version of the deletion, as a watch sends it.
    var final: StoredEntry?
}

/// The objects of one kind, sorted when somebody lists them, with a bounded history.
struct ObjectTable {
    private var entries: [ObjectKey: StoredEntry] = [:]
    /// Sorted but for what `unsorted` adds; may name keys that are gone.
    private var keys: [ObjectKey] = []
    private var unsorted: [ObjectKey] = []
    private var hasGoneKeys = false
    private(set) var history: [TableEvent] = []
    /// What happened up to and including this version is forgotten.
    private(set) var forgottenUpTo = 0

    var count: Int { entries.count }
    var isEmpty: Bool { entries.isEmpty }

    subscript(key: ObjectKey) -> StoredEntry? { entries[key] }

    /// - Parameter limit: how many events are remembered; twice as many are held for a moment.
    mutating func record(_ event: TableEvent, limit: Int) {
        let existing: StoredEntry?
        if let new = event.new {
            existing = entries.updateValue(new, forKey: event.key)
            if existing == nil { unsorted.append(event.key) }
        } else {
            entries[event.key] = nil
            hasGoneKeys = true
        }
        history.append(event)
        if history.count > 2 * limit { forget(history.count - limit) }
    }

    /// Forgets all history, as etcd's compaction does: older lists and watches end with 410.
    mutating func compact() { forget(history.count) }

    private mutating func forget(_ count: Int) {
        guard count > 0 else { return }
        forgottenUpTo = history[count - 1].resourceVersion
        history.removeFirst(count)
    }

    /// The events after `version`; nil if some of them are forgotten.
    func events(after version: Int) -> ArraySlice<TableEvent>? {
        guard version >= forgottenUpTo else { return nil }
        var low = 0
        var high = history.count
        while low < high {
            let middle = (low + high) / 2
            if history[middle].resourceVersion <= version { low = middle + 1 } else { high = middle }
        }
        return history[low...]
    }

    /// All keys in order.
    mutating func sortedKeys() -> [ObjectKey] {
        guard hasGoneKeys || !unsorted.isEmpty else { return keys }
        let entries = entries
        var added = unsorted.filter { entries[$0] != nil }.sorted()
        if added.count > 1 {
            // A key that was created, deleted and created again stands here more than once.
            var last = added[0]
            added =
                [last]
                + added.dropFirst().filter { key in
                    defer { last = key }
                    return key != last
                }
        }
        let kept = hasGoneKeys ? keys.filter { entries[$0] != nil } : keys
        keys = ObjectTable.merged(kept, added)
        unsorted = []
        hasGoneKeys = false
        return keys
    }

    private static func merged(_ left: [ObjectKey], _ right: [ObjectKey]) -> [ObjectKey] {
        guard let firstAdded = right.first else { return left }
        if left.last.map({ $0 < firstAdded }) ?? true { return left + right }
        var result: [ObjectKey] = []
        result.reserveCapacity(left.count + right.count)
        var (l, r) = (0, 0)
        while l < left.count, r < right.count {
            if left[l] == right[r] {
                l += 1
            } else if left[l] < right[r] {
                result.append(left[l])
                l += 1
            } else {
                result.append(right[r])
                r += 1
            }
        }
        return result + left[l...] + right[r...]
    }
}
