/// The fields of an object that selection and bookkeeping need, read in one pass over its bytes; `managedFields`, `spec`
/// and the rest are stepped over.
struct ObjectHeader {
    var apiVersion: String?
    var kind: String?
    var name = ""
    var namespace: String?
    var labels: [String: String] = [:]
    var annotations: [String: String] = [:]
    var resourceVersion: String?
    var isBeingDeleted = false

    /// Consumes one object; `cursor` stands at its brace.
    init(_ cursor: inout JSONCursor, depth: Int) throws(JSONHalt) {
        try cursor.expect(UInt8(ascii: "{"))
        var isFirst = true
        while let key = try cursor.nextKey(isFirst: &isFirst) {  // Ends with the brace or the bytes.
            if cursor.matches(key, "metadata") {
                try readMetadata(&cursor, depth: depth - 1)
            } else if cursor.matches(key, "apiVersion") {
                apiVersion = try cursor.stringOrSkip(depth: depth - 1)
            } else if cursor.matches(key, "kind") {
                kind = try cursor.stringOrSkip(depth: depth - 1)
            } else {
                try cursor.skipValue(depth: depth - 1)
            }
        }
    }

    private mutating func readMetadata(_ cursor: inout JSONCursor, depth: Int) throws(JSONHalt) {
        // A key written twice keeps its last value, so what an earlier `metadata` said is forgotten.
        (name, namespace, labels, annotations) = ("", nil, [:], [:])
        (resourceVersion, isBeingDeleted) = (nil, false)
        guard try cursor.skip(UInt8(ascii: "{")) else { return try cursor.skipValue(depth: depth) }
        var isFirst = true
        while let key = try cursor.nextKey(isFirst: &isFirst) {  // Ends with the brace or the bytes.
            if cursor.matches(key, "name") {
                name = try cursor.stringOrSkip(depth: depth - 1) ?? ""
            } else if cursor.matches(key, "namespace") {
                namespace = try cursor.stringOrSkip(depth: depth - 1).flatMap { $0.isEmpty ? nil : $0 }
            } else if cursor.matches(key, "labels") {
                labels = try cursor.stringMap(depth: depth - 1)
            } else if cursor.matches(key, "annotations") {
                annotations = try cursor.stringMap(depth: depth - 1)
            } else if cursor.matches(key, "resourceVersion") {
                resourceVersion = try cursor.stringOrSkip(depth: depth - 1)
            } else if cursor.matches(key, "deletionTimestamp") {
                isBeingDeleted = try !cursor.isNull()
                try cursor.skipValue(depth: depth - 1)
            } else {
                try cursor.skipValue(depth: depth - 1)
            }
        }
    }
}

extension RawObject {
    /// The object in `bytes`, which `header` was read from, with `apiVersion` and `kind` put in front if it lacks them.
    init(_ bytes: UnsafeBufferPointer<UInt8>, header: ObjectHeader, apiVersion: String, kind: String) {
        let front = RawObject.front(
            apiVersion: header.apiVersion == nil ? apiVersion : nil, kind: header.kind == nil ? kind : nil)
        let whole = [UInt8](unsafeUninitializedCapacity: front.utf8.count + bytes.count) { room, count in
            var front = front
            count = front.withUTF8 { front in
                UnsafeMutableRawBufferPointer(room).copyMemory(from: UnsafeRawBufferPointer(front))
                return front.count
            }
            // Behind the brace that the front brought along; an empty object takes no comma.
            let rest = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[(count == 0 ? 0 : 1)...])
            if count > 0, RawObject.isEnd(rest) { count -= 1 }
            UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(room)[count...]).copyMemory(
                from: rest)
            count += rest.count
        }
        self.init(
            bytes: whole, apiVersion: header.apiVersion ?? apiVersion, kind: header.kind ?? kind, name: header.name,
            namespace: header.namespace, labels: header.labels, annotations: header.annotations,
            isBeingDeleted: header.isBeingDeleted)
    }

    /// `{"apiVersion":"v1","kind":"Pod",`, without what is nil; empty if both are.
    private static func front(apiVersion: String?, kind: String?) -> String {
        if apiVersion == nil, kind == nil { return "" }
        var front = "{"
        if let apiVersion { front += "\"apiVersion\":\(quoted(apiVersion))," }
        if let kind { front += "\"kind\":\(quoted(kind))," }
        return front
    }

    private static func quoted(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            return "\"" + text + "\""
        }
        var bytes: [UInt8] = []
        JSONValue.appendQuoted(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether an object ends here: the brace, after white space.
    private static func isEnd(_ bytes: UnsafeRawBufferPointer) -> Bool {
        for byte in bytes where byte != 0x20 && byte != 0x09 && byte != 0x0A && byte != 0x0D {
            return byte == UInt8(ascii: "}")
        }
        return false
    }
}

extension RawObject {
    /// Reads the header fields out of one object without decoding the rest. Tens of times faster than `init(bytes:)`, and
    /// less strict: what lies inside `spec` and the like is only stepped over.
    ///
    /// - Parameters:
    ///   - apiVersion: put in front, with `kind`, if the object lacks them.
    /// - Throws: `.malformed` or `.truncated` if `bytes` is not exactly one object.
    package init(scanning bytes: [UInt8], apiVersion: String = "", kind: String = "") throws(ListError) {
        var result = Result<RawObject, JSONHalt>.failure(.incomplete)
        bytes.withUnsafeBufferPointer { buffer in
            do throws(JSONHalt) {
                var cursor = JSONCursor(buffer)
                cursor.skipSpace()
                let start = cursor.position
                let header = try ObjectHeader(&cursor, depth: JSONValue.maximumDepth)
                let end = cursor.position
                cursor.skipSpace()
                guard cursor.isAtEnd else { throw .malformed }
                result = .success(
                    RawObject(cursor.bytes(start..<end), header: header, apiVersion: apiVersion, kind: kind))
            } catch {
                result = .failure(error)
            }
        }
        switch result {
        case .success(let object): self = object
        case .failure(.incomplete): throw ListError(code: .truncated, offset: Int64(bytes.count))
        case .failure(.malformed): throw ListError(code: .malformed, offset: 0)
        case .failure(.tooDeep): throw ListError(code: .tooDeep, offset: 0)
        }
    }
}
