import ObjectStorage

/// Where a listing goes on: what the store said, or, where the store cannot say it, the key to begin after.
enum ListToken: Hashable {
    case store(String)
    case key(String)

    /// No XML carries this character, so that no store's token begins with it.
    private static let mark = "\u{1}"

    init(_ text: String) {
        self = text.hasPrefix(ListToken.mark) ? .key(String(text.dropFirst())) : .store(text)
    }

    /// What comes after `page`, which says that it goes on at `token`.
    ///
    /// SeaweedFS gives the last key as it is; characters that XML cannot carry then become U+FFFD, and the listing would end
    /// early. It also repeats itself where the delimiter is no slash.
    /// - Throws: `.invalid` if the listing does not get any further.
    init(
        following page: ListPage, token: String, _ request: ListRequest, _ location: String
    ) throws(StoreError) {
        if token.unicodeScalars.contains("\u{FFFD}"), let last = page.objects.last?.key.text,
            !last.unicodeScalars.contains("\u{FFFD}"),
            page.commonPrefixes.allSatisfy({ $0.utf8.lexicographicallyPrecedes(last.utf8) })
        {
            self = .key(last)
        } else {
            self = .store(token)
        }
        guard request.continuationToken != text else {
            throw StoreError(
                .invalid, "the listing of '\(request.prefix)' in \(location) goes round in circles at '\(token)'")
        }
    }

    /// Where to look once more behind `page`, which says that it is the last, if it may be wrong.
    ///
    /// SeaweedFS takes a full page that ends with the key `c` for the last one although `c/d` follows. So a full last page costs
    /// one more request, which finds nothing on other servers.
    init?(behindLast page: ListPage, _ request: ListRequest) {
        guard request.delimiter == nil, page.objects.count >= request.pageSize, let last = page.objects.last?.key.text,
            last.utf8.last != UInt8(ascii: "/"), last.utf8.count < 1024
        else { return nil }
        self = .key(last + "/")
    }

    var text: String {
        switch self {
        case .store(let token): token
        case .key(let key): ListToken.mark + key
        }
    }
}
