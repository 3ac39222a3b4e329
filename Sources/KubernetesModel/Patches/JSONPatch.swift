/// A list of operations on a JSON document that are applied all or not at all. Source: RFC 6902.
package struct JSONPatch: Sendable, Hashable {
    package enum Operation: Sendable, Hashable {
        case add(JSONPointer, JSONValue)
        case remove(JSONPointer)
        case replace(JSONPointer, JSONValue)
        case move(from: JSONPointer, to: JSONPointer)
        case copy(from: JSONPointer, to: JSONPointer)
        case test(JSONPointer, JSONValue)
    }

    /// As many operations as the API server takes in one patch.
    package static let maximumOperations = 10_000

    /// `copy` can double a document with every operation; what is copied in one patch stays below this many values.
    package static let maximumCopiedValues = 1_000_000

    package let operations: [Operation]

    package init(_ operations: [Operation]) { self.operations = operations }

    /// Reads the array form: `[{"op": "add", "path": "/a", "value": 1}]`. Unknown members are ignored, as RFC 6902 asks.
    ///
    /// - Throws: `.malformed`.
    package init(_ json: JSONValue) throws(PatchError) {
        guard let items = json.array else { throw PatchError(.malformed, "a JSON patch is an array of operations") }
        guard items.count <= JSONPatch.maximumOperations else {
            throw PatchError(
                .malformed, "\(items.count) operations in one JSON patch; at most \(JSONPatch.maximumOperations)")
        }
        var operations: [Operation] = []
        operations.reserveCapacity(items.count)
        for (index, item) in items.enumerated() { operations.append(try JSONPatch.operation(item, number: index + 1)) }
        self.operations = operations
    }

    /// The array form.
    package var json: JSONValue {
        .array(
            operations.map { operation in
                switch operation {
                case .add(let path, let value): ["op": "add", "path": .string(path.description), "value": value]
                case .remove(let path): ["op": "remove", "path": .string(path.description)]
                case .replace(let path, let value):
                    ["op": "replace", "path": .string(path.description), "value": value]
                case .move(let from, let to):
                    ["op": "move", "from": .string(from.description), "path": .string(to.description)]
                case .copy(let from, let to):
                    ["op": "copy", "from": .string(from.description), "path": .string(to.description)]
                case .test(let path, let value): ["op": "test", "path": .string(path.description), "value": value]
                }
            })
    }

    /// The document after all operations.
    ///
    /// - Throws: `.testFailed`, `.notFound`, `.malformed` for a value moved into itself, `.tooLarge`.
    package func applied(to document: JSONValue) throws(PatchError) -> JSONValue {
        var result = document
        var copied = 0
        for (index, operation) in operations.enumerated() {
            let change = Change(number: index + 1)
            switch operation {
            case .add(let path, let value): try change.add(value, at: path, name: "add", in: &result)
            case .remove(let path): _ = try change.remove(path, name: "remove", in: &result)
            case .replace(let path, let value): try change.replace(path, with: value, in: &result)
            case .test(let path, let value): try change.test(path, value, in: result)
            case .move(let from, let to):
                if from == to, result[from] != nil { continue }
                guard !from.isPrefix(of: to) else {
                    throw PatchError(.malformed, "operation \(index + 1): cannot move '\(from)' into itself, '\(to)'")
                }
                let value = try change.remove(from, name: "move", in: &result)
                try change.add(value, at: to, name: "move", in: &result)
            case .copy(let from, let to):
                guard let value = result[from] else { throw change.missing("copy", from) }
                copied += value.valueCount
                guard copied <= JSONPatch.maximumCopiedValues else {
                    throw PatchError(.tooLarge, "operation \(index + 1): the patch copies more than it may")
                }
                try change.add(value, at: to, name: "copy", in: &result)
            }
        }
        return result
    }

    private static func operation(_ item: JSONValue, number: Int) throws(PatchError) -> Operation {
        func pointer(_ member: String) throws(PatchError) -> JSONPointer {
            guard let text = item[member]?.string else {
                throw PatchError(.malformed, "operation \(number) has no '\(member)'")
            }
            guard let pointer = JSONPointer(parsing: text) else {
                throw PatchError(.malformed, "operation \(number): '\(text)' is no JSON pointer")
            }
            return pointer
        }
        func value() throws(PatchError) -> JSONValue {
            guard let value = item["value"] else { throw PatchError(.malformed, "operation \(number) has no 'value'") }
            return value
        }
        guard let name = item["op"]?.string else { throw PatchError(.malformed, "operation \(number) has no 'op'") }
        switch name {
        case "add": return .add(try pointer("path"), try value())
        case "remove": return .remove(try pointer("path"))
        case "replace": return .replace(try pointer("path"), try value())
        case "move": return .move(from: try pointer("from"), to: try pointer("path"))
        case "copy": return .copy(from: try pointer("from"), to: try pointer("path"))
        case "test": return .test(try pointer("path"), try value())
        default: throw PatchError(.malformed, "operation \(number): unknown operation '\(name)'")
        }
    }
}

/// The steps of one operation; `number` is for the message, counted from 1.
private struct Change {
    let number: Int

    func missing(_ name: String, _ path: JSONPointer) -> PatchError {
        PatchError(.notFound, "operation \(number), \(name) '\(path)': there is no such path")
    }

    func test(_ path: JSONPointer, _ expected: JSONValue, in document: JSONValue) throws(PatchError) {
        guard let found = document[path] else {
            // A null is as good as nothing to the API server's library.
            if expected.isNull { return }
            throw PatchError(.testFailed, "operation \(number), test '\(path)': there is no such path")
        }
        guard found.isEquivalent(to: expected) else {
            throw PatchError(.testFailed, "operation \(number), test '\(path)': the value is another")
        }
    }

    func add(
        _ value: JSONValue, at path: JSONPointer, name: String, in document: inout JSONValue
    ) throws(PatchError) {
        guard let last = path.tokens.last else {
            document = value
            return
        }
        try edit(&document, path, name) { (parent) throws(PatchError) in
            switch parent {
            case .object(var members):
                parent = .null  // Keeps the dictionary uniquely referenced while it changes.
                members[last] = value
                parent = .object(members)
            case .array(var elements):
                let index = last == "-" ? elements.count : JSONPointer.index(last) ?? -1
                guard (0...elements.count).contains(index) else { throw missing(name, path) }
                parent = .null
                elements.insert(value, at: index)
                parent = .array(elements)
            default: throw missing(name, path)
            }
        }
    }

    func replace(_ path: JSONPointer, with value: JSONValue, in document: inout JSONValue) throws(PatchError) {
        guard document[path] != nil else { throw missing("replace", path) }
        guard let last = path.tokens.last else {
            document = value
            return
        }
        try edit(&document, path, "replace") { (parent) throws(PatchError) in
            if case .array(var elements) = parent, let index = JSONPointer.index(last) {
                parent = .null
                elements[index] = value
                parent = .array(elements)
            } else {
                parent[last] = value
            }
        }
    }

    func remove(_ path: JSONPointer, name: String, in document: inout JSONValue) throws(PatchError) -> JSONValue {
        guard let last = path.tokens.last, let removed = document[path] else { throw missing(name, path) }
        try edit(&document, path, name) { (parent) throws(PatchError) in
            if case .array(var elements) = parent, let index = JSONPointer.index(last) {
                parent = .null
                elements.remove(at: index)
                parent = .array(elements)
            } else {
                parent[last] = nil
            }
        }
        return removed
    }

    /// Hands the value that holds the last step of `path` to `body`.
    private func edit(
        _ document: inout JSONValue, _ path: JSONPointer, _ name: String,
        _ body: (inout JSONValue) throws(PatchError) -> Void
    ) throws(PatchError) {
        try descend(&document, path.tokens.dropLast(), path, name, body)
    }

    private func descend(
        _ value: inout JSONValue, _ steps: ArraySlice<String>, _ path: JSONPointer, _ name: String,
        _ body: (inout JSONValue) throws(PatchError) -> Void
    ) throws(PatchError) {
        guard let step = steps.first else { return try body(&value) }
        switch value {
        case .object(var members):
            guard var child = members[step] else { throw missing(name, path) }
            try descend(&child, steps.dropFirst(), path, name, body)
            members[step] = child
            value = .object(members)
        case .array(var elements):
            guard let index = JSONPointer.index(step), index < elements.count else { throw missing(name, path) }
            try descend(&elements[index], steps.dropFirst(), path, name, body)
            value = .array(elements)
        default: throw missing(name, path)
        }
    }
}
