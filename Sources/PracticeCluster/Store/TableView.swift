import KubernetesModel

/// A table as it was at one resource version. Pages of one list read the same view, whatever is written in between.
struct TableView {
    private let keys: [ObjectKey]
    /// What was different then; nil for keys that did not exist.
    private let overlay: [ObjectKey: StoredEntry?]

    /// Nil if the history does not reach back to `version`.
    init?(_ table: inout ObjectTable, at version: Int) {
        guard let later = table.events(after: version) else { return nil }
        var overlay: [ObjectKey: StoredEntry?] = [:]
        for event in later.reversed() { overlay.updateValue(event.old, forKey: event.key) }
        let current = table.sortedKeys()
        let gone = overlay.filter { $0.value != nil && table[$0.key] == nil }.keys.sorted()
        keys = gone.isEmpty ? current : (current + gone).sorted()
        self.overlay = overlay
    }

    /// Calls `body` for each object of `namespace` (nil for all) from `start` on, until it returns false.
    func forEach(
        in namespace: String?, from start: ObjectKey?, of table: ObjectTable,
        _ body: (ObjectKey, StoredEntry) -> Bool
    ) {
        let first = start ?? namespace.map { ObjectKey(namespace: $0, name: "") }
        var index = first.map(lowerBound) ?? 0
        while index < keys.count {
            let key = keys[index]
            if let namespace, key.namespace != namespace { return }
            if let entry = overlay.isEmpty ? table[key] : overlay[key] ?? table[key] {
                guard body(key, entry) else { return }
            }
            index += 1
        }
    }

    private func lowerBound(_ start: ObjectKey) -> Int {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < start { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
