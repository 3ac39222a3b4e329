/// One message of a watch. Source: Kubernetes API concepts, "Efficient detection of changes"; `meta/v1 WatchEvent`.
package enum WatchFrame: Sendable {
    package enum Change: Sendable, Hashable { case added, modified, deleted }

    case object(Change, RawObject, resourceVersion: String?)
    /// Nothing happened up to this version.
    case bookmark(resourceVersion: String)
    /// A `Status`: the watch is over.
    case failure(JSONValue)
}

/// Takes the bytes of a watch as they come, and hands out its messages. A state machine without I/O. Messages are lines, as
/// every API server writes them. Memory: the message under way.
package struct WatchFrames {
    private let apiVersion: String
    private let kind: String
    private let largestFrame: Int

    private var buffer: [UInt8] = []
    private var start = 0
    /// Up to here there is no end of line.
    private var searched = 0
    private var consumed: Int64 = 0

    /// - Parameters:
    ///   - apiVersion: of the objects, if they do not tell.
    package init(apiVersion: String, kind: String, largestFrame: Int = 64 << 20) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.largestFrame = largestFrame
    }

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if start > 0 {
            buffer.removeSubrange(..<start)
            consumed += Int64(start)
            searched -= start
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next message; nil when more bytes are needed.
    package mutating func next() throws(ListError) -> WatchFrame? {
        while true {  // Each turn consumes a line.
            guard let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
                searched = buffer.count
                guard buffer.count - start <= largestFrame else { throw error(.itemTooLarge) }
                return nil
            }
            defer {
                start = end + 1
                searched = start
            }
            if let frame = try frame(start..<end) { return frame }
        }
    }

    private func error(_ code: ListError.Code) -> ListError {
        ListError(code: code, offset: consumed + Int64(start))
    }

    /// Nil for an empty line.
    private func frame(_ line: Range<Int>) throws(ListError) -> WatchFrame? {
        var result = Result<WatchFrame?, JSONHalt>.success(nil)
        buffer.withUnsafeBufferPointer { bytes in
            do throws(JSONHalt) {
                result = .success(try read(UnsafeBufferPointer(rebasing: bytes[line])))
            } catch {
                result = .failure(error)
            }
        }
        switch result {
        case .success(let frame): return frame
        case .failure(.tooDeep): throw error(.tooDeep)
        case .failure: throw error(.malformed)
        }
    }

    private func read(_ line: UnsafeBufferPointer<UInt8>) throws(JSONHalt) -> WatchFrame? {
        var cursor = JSONCursor(line)
        cursor.skipSpace()
        if cursor.isAtEnd { return nil }
        try cursor.expect(UInt8(ascii: "{"))
        var type: String?
        var object: (range: Range<Int>, header: ObjectHeader)?
        var isFirst = true
        while let key = try cursor.nextKey(isFirst: &isFirst) {  // Ends with the brace or the line.
            if cursor.matches(key, "type") {
                type = try cursor.stringOrSkip(depth: JSONValue.maximumDepth)
            } else if cursor.matches(key, "object") {
                _ = try cursor.peek()
                let from = cursor.position
                let header = try ObjectHeader(&cursor, depth: JSONValue.maximumDepth)
                object = (from..<cursor.position, header)
            } else {
                try cursor.skipValue(depth: JSONValue.maximumDepth)
            }
        }
        guard let type, let object else { throw .malformed }
        let bytes = cursor.bytes(object.range)
        switch type {
        case "ADDED": return .object(.added, raw(bytes, object.header), resourceVersion: object.header.resourceVersion)
        case "MODIFIED":
            return .object(.modified, raw(bytes, object.header), resourceVersion: object.header.resourceVersion)
        case "DELETED":
            return .object(.deleted, raw(bytes, object.header), resourceVersion: object.header.resourceVersion)
        case "BOOKMARK": return .bookmark(resourceVersion: object.header.resourceVersion ?? "")
        case "ERROR":
            guard let status = try? JSONValue(parsing: bytes) else { throw .malformed }  // Where it stops is no help.
            return .failure(status)
        default: return nil  // A type of a future server says nothing to us.
        }
    }

    private func raw(_ bytes: UnsafeBufferPointer<UInt8>, _ header: ObjectHeader) -> RawObject {
        RawObject(bytes, header: header, apiVersion: apiVersion, kind: kind)
    }
}
