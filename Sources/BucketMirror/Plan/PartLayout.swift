import ObjectStorage

/// Where an object is cut into parts. Pure.
package struct PartLayout: Sendable, Hashable {
    /// In order; together the object's size.
    package let sizes: [Int64]
    /// The source's own boundaries: then the joined tags of both sides are equal.
    package let isSources: Bool

    /// The source's boundaries if it told them and they make sense, our own otherwise.
    ///
    /// - Parameter partSize: of our own parts; grows for objects that would need more than 10,000.
    package init(size: Int64, told: [Int64]?, tag: String?, partSize: Int64) {
        if let told, !told.isEmpty, told.count <= 10_000, told.allSatisfy({ $0 > 0 }), told.reduce(0, +) == size {
            sizes = told
            isSources = ContentTag(tag) == .joined(parts: told.count)
            return
        }
        if ContentTag(tag) == .joined(parts: 1) {
            sizes = [size]
            isSources = true
            return
        }
        let mebibyte: Int64 = 1 << 20
        let least = (size + 9_999) / 10_000
        let length = max(1, least <= partSize ? partSize : (least + mebibyte - 1) / mebibyte * mebibyte)
        var sizes = [Int64](repeating: length, count: Int(size / length))
        if size % length > 0 || sizes.isEmpty { sizes.append(size % length) }
        self.sizes = sizes
        isSources = false
    }

    /// The bytes of part `number`, counted from 1.
    package func range(of number: Int) -> Range<Int64> {
        let start = sizes[..<(number - 1)].reduce(0, +)
        return start..<start + sizes[number - 1]
    }
}
