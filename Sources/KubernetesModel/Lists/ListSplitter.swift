/// What is wrong with a list that a server sent.
package struct ListError: Error, Hashable, CustomStringConvertible {
    package enum Code: Sendable { case malformed, tooDeep, itemTooLarge, truncated }
    package let code: Code
    /// Offset in bytes from the start of the list.
    package let offset: Int64

    package var description: String {
        switch code {
        case .malformed: "the list is not valid JSON near byte \(offset)"
        case .tooDeep: "the list is nested deeper than \(JSONValue.maximumDepth) levels near byte \(offset)"
        case .itemTooLarge: "an item of the list, at byte \(offset), is larger than is accepted"
        case .truncated: "the list ends in the middle, at byte \(offset)"
        }
    }
}

/// What a list says about itself, beside its items. Source: Kubernetes API concepts, "Retrieving large results sets in
/// chunks"; `ListMeta`.
package struct ListHeader: Sendable, Hashable {
    package var apiVersion: String?
    package var kind: String?
    /// Nil when there is no further page.
    package var continueToken: String?
    package var resourceVersion: String?
    package var remainingItemCount: Int64?

    package init() {}
}

/// Takes the bytes of a list as they come, and hands out its items as untouched bytes with their header fields. A state
/// machine without I/O.
///
/// Feed it with `append`, take items with `next` until that returns nil, feed again; `finish` at the end. Any order of keys is
/// accepted. Items that lack `apiVersion` or `kind`, as those of typed lists do, get them put in front, from the list's own
/// kind without its `List`, or from the kind that was asked for when the list's comes after its items. Memory: twice the
/// largest item, and what was fed and not yet taken.
package struct ListSplitter {
    private enum State { case beforeList, inList(isFirst: Bool), inItems(isFirst: Bool), afterList }

    private let fallbackAPIVersion: String
    private let fallbackKind: String
    private let largestItem: Int

    private var state = State.beforeList
    private var buffer: [UInt8] = []
    /// Where in `buffer` the bytes begin that are not yet taken.
    private var start = 0
    /// Looking again is of no use before so many bytes are there: twice what was too little before, so that an item which
    /// comes in many pieces is looked at a few times only.
    private var enough = 1
    /// Offset of `buffer[0]` in the list.
    private var consumed: Int64 = 0

    /// What was read of the list so far; complete when `finish` returned.
    package private(set) var header = ListHeader()

    /// - Parameters:
    ///   - apiVersion: of the items, if neither they nor the list tell.
    ///   - largestItem: in bytes; larger ones are an error. etcd takes 1.5 MiB; aggregated servers may have more.
    package init(apiVersion: String, kind: String, largestItem: Int = 64 << 20) {
        fallbackAPIVersion = apiVersion
        fallbackKind = kind
        self.largestItem = largestItem
    }

    /// Adds bytes at the end. Copies them once.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if start > 0, start == buffer.count || start > 64 << 10 || buffer.count + bytes.count > buffer.capacity {
            buffer.removeSubrange(..<start)
            consumed += Int64(start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    package mutating func append(_ bytes: some Sequence<UInt8>) {
        let wasContiguous: Void? = bytes.withContiguousStorageIfAvailable { append(UnsafeRawBufferPointer($0)) }
        if wasContiguous == nil { Array(bytes).withUnsafeBytes { append($0) } }
    }

    /// The next item; nil when more bytes are needed or the list has ended.
    package mutating func next() throws(ListError) -> RawObject? {
        guard buffer.count - start >= enough else { return nil }
        return try step(isLast: false)
    }

    /// Tells that no more bytes come. Call it after `next` returned nil; items that it still finds are returned.
    /// - Throws: `.truncated` if the list has not ended.
    package mutating func finish() throws(ListError) -> [RawObject] {
        var items: [RawObject] = []
        while let item = try step(isLast: true) { items.append(item) }
        guard case .afterList = state else { throw error(.truncated) }
        return items
    }

    private func error(_ code: ListError.Code) -> ListError {
        ListError(code: code, offset: consumed + Int64(code == .truncated ? buffer.count : start))
    }

    private mutating func step(isLast: Bool) throws(ListError) -> RawObject? {
        var outcome = Result<RawObject?, JSONHalt>.success(nil)
        buffer.withUnsafeBufferPointer { bytes in
            // Copies of what changes: the buffer itself is borrowed.
            var reader = ListReader(
                state: state, header: header, cursor: JSONCursor(bytes, at: start), start: start,
                apiVersion: fallbackAPIVersion, kind: fallbackKind)
            outcome = reader.nextItem()
            (state, header, start) = (reader.state, reader.header, reader.start)
        }
        switch outcome {
        case .success(let item):
            enough = 1
            return item
        case .failure(.incomplete):
            let available = buffer.count - start
            guard available <= largestItem else { throw error(.itemTooLarge) }
            if isLast { throw error(.truncated) }
            enough = min(max(1, available * 2), largestItem + 1)
            return nil
        case .failure(.malformed): throw error(.malformed)
        case .failure(.tooDeep): throw error(.tooDeep)
        }
    }

    /// Works on the bytes at hand; lives no longer than one call.
    private struct ListReader {
        var state: State
        var header: ListHeader
        var cursor: JSONCursor
        /// Up to here everything is understood and done with.
        var start: Int
        let apiVersion: String
        let kind: String

        mutating func nextItem() -> Result<RawObject?, JSONHalt> {
            do throws(JSONHalt) {
                while true {  // Ends with an item, the end of the list, or the end of the bytes.
                    switch state {
                    case .beforeList:
                        try cursor.expect(UInt8(ascii: "{"))
                        state = .inList(isFirst: true)
                    case .inList(let isFirst): try readMember(isFirst: isFirst)
                    case .inItems(let isFirst):
                        if let item = try readItem(isFirst: isFirst) {
                            start = cursor.position
                            return .success(item)
                        }
                    case .afterList:
                        cursor.skipSpace()
                        guard cursor.isAtEnd else { throw .malformed }
                        start = cursor.position
                        return .success(nil)
                    }
                    start = cursor.position
                }
            } catch {
                return .failure(error)
            }
        }

        private mutating func readMember(isFirst: Bool) throws(JSONHalt) {
            var isFirst = isFirst
            guard let key = try cursor.nextKey(isFirst: &isFirst) else {
                state = .afterList
                return
            }
            if cursor.matches(key, "items") {
                if try cursor.skip(UInt8(ascii: "[")) {
                    state = .inItems(isFirst: true)
                    return
                }
                guard try cursor.isNull() else { throw .malformed }
                try cursor.skipValue(depth: 1)
            } else if cursor.matches(key, "kind") {
                header.kind = try cursor.stringOrSkip(depth: JSONValue.maximumDepth - 1)
            } else if cursor.matches(key, "apiVersion") {
                header.apiVersion = try cursor.stringOrSkip(depth: JSONValue.maximumDepth - 1)
            } else if cursor.matches(key, "metadata") {
                try readMetadata()
            } else {
                try cursor.skipValue(depth: JSONValue.maximumDepth - 1)
            }
            state = .inList(isFirst: false)
        }

        private mutating func readMetadata() throws(JSONHalt) {
            let depth = JSONValue.maximumDepth - 2
            guard try cursor.skip(UInt8(ascii: "{")) else { return try cursor.skipValue(depth: depth) }
            var read = header
            (read.continueToken, read.resourceVersion, read.remainingItemCount) = (nil, nil, nil)
            var isFirst = true
            while let key = try cursor.nextKey(isFirst: &isFirst) {  // Ends with the brace or the bytes.
                if cursor.matches(key, "continue") {
                    read.continueToken = try cursor.stringOrSkip(depth: depth).flatMap { $0.isEmpty ? nil : $0 }
                } else if cursor.matches(key, "resourceVersion") {
                    read.resourceVersion = try cursor.stringOrSkip(depth: depth)
                } else if cursor.matches(key, "remainingItemCount") {
                    _ = try cursor.peek()
                    let from = cursor.position
                    try cursor.skipValue(depth: depth)
                    read.remainingItemCount = Int64(
                        String(decoding: cursor.bytes(from..<cursor.position), as: UTF8.self))
                } else {
                    try cursor.skipValue(depth: depth)
                }
            }
            header = read
        }

        /// Nil at the end of the items.
        private mutating func readItem(isFirst: Bool) throws(JSONHalt) -> RawObject? {
            if try cursor.skip(UInt8(ascii: "]")) {
                state = .inList(isFirst: false)
                return nil
            }
            if !isFirst { try cursor.expect(UInt8(ascii: ",")) }
            guard try cursor.peek() == UInt8(ascii: "{") else { throw .malformed }
            let from = cursor.position
            let itemHeader = try ObjectHeader(&cursor, depth: JSONValue.maximumDepth - 2)
            let listKind = header.kind.flatMap { $0.hasSuffix("List") && $0 != "List" ? String($0.dropLast(4)) : nil }
            state = .inItems(isFirst: false)
            return RawObject(
                cursor.bytes(from..<cursor.position), header: itemHeader,
                apiVersion: listKind == nil ? apiVersion : header.apiVersion ?? apiVersion, kind: listKind ?? kind)
        }
    }
}
