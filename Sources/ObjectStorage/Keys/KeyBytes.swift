/// Questions about the bytes of keys and prefixes. `String.hasPrefix` and `==` compare letters by canonical equivalence;
/// a store compares bytes.
extension String {
    func hasBytePrefix(_ prefix: String) -> Bool {
        utf8.starts(with: prefix.utf8)
    }

    func hasSameBytes(as other: String) -> Bool {
        utf8.elementsEqual(other.utf8)
    }

    func precedesByBytes(_ other: String) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }

    /// What is left after `count` bytes.
    func droppingBytes(_ count: Int) -> String {
        String(decoding: utf8.dropFirst(count), as: UTF8.self)
    }

    /// The text up to and including the first `delimiter` that begins after `prefix`, or nil if there is none.
    func folded(after prefix: String, at delimiter: String) -> String? {
        guard !delimiter.isEmpty else { return nil }
        let pattern = Array(delimiter.utf8)
        let bytes = Array(utf8)
        var start = prefix.utf8.count
        while start + pattern.count <= bytes.count {
            if bytes[start..<start + pattern.count].elementsEqual(pattern) {
                return String(decoding: bytes[..<(start + pattern.count)], as: UTF8.self)
            }
            start += 1
        }
        return nil
    }
}

extension RandomAccessCollection where Index == Int {
    /// The first index whose element satisfies `predicate`, which must be false for a while and then true to the end.
    func partitioningIndex(where predicate: (Element) -> Bool) -> Int {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
