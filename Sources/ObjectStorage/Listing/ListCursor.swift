/// Where a listing goes on: after a key, or after everything that was folded into a common prefix. The two stores of this
/// target write it as their continuation token.
enum ListCursor: Sendable, Hashable {
    case start
    case afterKey(String)
    case afterPrefix(String)

    /// The place where `request` begins. A token outranks `startAfter`, as it does for S3.
    /// - Throws: `.invalid` for a token that no store of this target wrote, or a page size outside 1 to 1,000.
    init(_ request: ListRequest) throws(StoreError) {
        guard (1...1000).contains(request.pageSize) else {
            throw StoreError(.invalid, "a page holds 1 to 1000 keys, not \(request.pageSize)")
        }
        guard let token = request.continuationToken else {
            self = request.startAfter.map { .afterKey($0.text) } ?? .start
            return
        }
        let text = token.droppingBytes(1)
        switch token.utf8.first {
        case UInt8(ascii: "k") where !text.isEmpty: self = .afterKey(text)
        case UInt8(ascii: "p") where !text.isEmpty: self = .afterPrefix(text)
        default: throw StoreError(.invalid, "a continuation token that this store did not give out")
        }
    }

    /// The continuation token; nil at the start.
    var token: String? {
        switch self {
        case .start: nil
        case .afterKey(let key): "k" + key
        case .afterPrefix(let prefix): "p" + prefix
        }
    }

    /// Whether `key` lies behind the cursor.
    func isBefore(_ key: String) -> Bool {
        switch self {
        case .start: true
        case .afterKey(let last): last.precedesByBytes(key)
        case .afterPrefix(let last): last.precedesByBytes(key) && !key.hasBytePrefix(last)
        }
    }
}
