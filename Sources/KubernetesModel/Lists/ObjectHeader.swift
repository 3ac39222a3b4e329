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
        var whole: [UInt8]
        if header.apiVersion != nil, header.kind != nil {
            whole = Array(bytes)
        } else {
            var front: [UInt8] = [UInt8(ascii: "{")]
            if header.apiVersion == nil { RawObject.appendMember("apiVersion", apiVersion, to: &front) }
            if header.kind == nil { RawObject.appendMember("kind", kind, to: &front) }
            let rest = UnsafeBufferPointer(rebasing: bytes.dropFirst())
            let isEmpty = rest.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "}")
            whole = []
            whole.reserveCapacity(front.count + bytes.count)
            whole.append(contentsOf: front)
            if isEmpty { whole.removeLast() }
            whole.append(contentsOf: rest)
        }
        self.init(
            bytes: whole, apiVersion: header.apiVersion ?? apiVersion, kind: header.kind ?? kind, name: header.name,
            namespace: header.namespace, labels: header.labels, annotations: header.annotations,
            isBeingDeleted: header.isBeingDeleted)
    }

    /// `"key":"value",`
    private static func appendMember(_ key: String, _ value: String, to bytes: inout [UInt8]) {
        JSONValue.appendQuoted(key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        JSONValue.appendQuoted(value, to: &bytes)
        bytes.append(UInt8(ascii: ","))
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
