import Transport

/// The query of a request in the order that the signature needs: by encoded name, then by encoded value.
struct Query: Sendable, Hashable {
    private var pairs: [Pair] = []

    private struct Pair: Hashable, Comparable {
        let name: String
        let value: String

        static func < (left: Pair, right: Pair) -> Bool { (left.name, left.value) < (right.name, right.value) }
    }

    init(_ pairs: [(String, String)] = []) {
        for (name, value) in pairs { add(name, value) }
    }

    /// - Parameter value: empty for a query without value, sent as `name=`.
    mutating func add(_ name: String, _ value: String) {
        pairs.append(Pair(name: PercentEncoding.encode(name), value: PercentEncoding.encode(value)))
        pairs.sort()
    }

    var isEmpty: Bool { pairs.isEmpty }

    /// `a=1&b=`, percent-encoded.
    var text: String { pairs.map { "\($0.name)=\($0.value)" }.joined(separator: "&") }
}
