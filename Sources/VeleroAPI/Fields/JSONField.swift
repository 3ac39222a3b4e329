package import Basics
package import KubernetesModel

/// One field of `Owner`: where it lies in JSON, how it is read, how it is written.
package struct JSONField<Owner>: Sendable {
    package typealias Path<Value> = any WritableKeyPath<Owner, Value> & Sendable

    let path: [String]
    let read: @Sendable (JSONValue, inout Owner) throws(FieldProblem) -> Void
    /// Nil where the field is not written at all.
    let write: @Sendable (Owner) -> JSONValue?

    /// The general form; the others are shorter for the types that occur.
    package init<Value: Sendable>(
        _ path: [String], _ keyPath: any WritableKeyPath<Owner, Value> & Sendable,
        decode: @escaping @Sendable (JSONValue) throws(FieldProblem) -> Value,
        encode: @escaping @Sendable (Value) -> JSONValue?
    ) {
        self.path = path
        read = { (json, owner) throws(FieldProblem) in owner[keyPath: keyPath] = try decode(json) }
        write = { encode($0[keyPath: keyPath]) }
    }
}

extension JSONField {
    package static func string(_ path: String..., at keyPath: any WritableKeyPath<Owner, String?> & Sendable) -> Self {
        JSONField(path, keyPath, decode: decodeString, encode: { $0.map { .string($0) } })
    }

    /// An absent text is empty, and an empty text is not written.
    package static func text(_ path: String..., at keyPath: any WritableKeyPath<Owner, String> & Sendable) -> Self {
        JSONField(path, keyPath, decode: decodeString, encode: { $0.isEmpty ? nil : .string($0) })
    }

    package static func bool(_ path: String..., at keyPath: any WritableKeyPath<Owner, Bool?> & Sendable) -> Self {
        JSONField(
            path, keyPath,
            decode: { (json) throws(FieldProblem) in
                guard let value = json.bool else { throw FieldProblem("not true or false") }
                return value
            },
            encode: { $0.map { .bool($0) } })
    }

    package static func int(_ path: String..., at keyPath: any WritableKeyPath<Owner, Int?> & Sendable) -> Self {
        JSONField(
            path, keyPath,
            decode: { (json) throws(FieldProblem) in
                guard let value = json.int64 else { throw FieldProblem("not a whole number") }
                return Int(value)
            },
            encode: { $0.map { .number(JSONNumber($0)) } })
    }

    /// An absent list is empty, and an empty list is not written.
    package static func strings(
        _ path: String..., at keyPath: any WritableKeyPath<Owner, [String]> & Sendable
    ) -> Self {
        JSONField(
            path, keyPath,
            decode: { (json) throws(FieldProblem) in
                guard let elements = json.array else { throw FieldProblem("not a list") }
                var texts: [String] = []
                for element in elements { texts.append(try decodeString(element)) }
                return texts
            },
            encode: { $0.isEmpty ? nil : .array($0.map { .string($0) }) })
    }

    package static func stringMap(
        _ path: String..., at keyPath: any WritableKeyPath<Owner, [String: String]> & Sendable
    ) -> Self {
        JSONField(
            path, keyPath,
            decode: { (json) throws(FieldProblem) in
                guard let members = json.object else { throw FieldProblem("not a map") }
                var texts: [String: String] = [:]
                for (key, value) in members { texts[key] = try decodeString(value) }
                return texts
            },
            encode: { $0.isEmpty ? nil : .object($0.mapValues { .string($0) }) })
    }

    /// A Go duration: `720h0m0s`. Old objects have numbers of nanoseconds.
    package static func duration(
        _ path: String..., at keyPath: any WritableKeyPath<Owner, Duration?> & Sendable
    ) -> Self {
        JSONField(
            path, keyPath,
            decode: { (json) throws(FieldProblem) in
                if let nanoseconds = json.int64 { return .nanoseconds(nanoseconds) }
                let text = try decodeString(json)
                guard let span = GoDuration.parse(text) else { throw FieldProblem("'\(text)' is no duration") }
                return span
            },
            encode: { $0.map { .string(GoDuration.text($0)) } })
    }

    /// Whole seconds in UTC, as Kubernetes writes times.
    package static func time(
        _ path: String..., at keyPath: any WritableKeyPath<Owner, Timestamp?> & Sendable
    ) -> Self {
        JSONField(
            path, keyPath,
            decode: { (json) throws(FieldProblem) in
                let text = try decodeString(json)
                guard let instant = Timestamp(text) else { throw FieldProblem("'\(text)' is no time") }
                return instant
            },
            encode: { $0.map { .string($0.wholeSeconds.description) } })
    }

    package static func selector(
        _ path: String..., at keyPath: any WritableKeyPath<Owner, LabelSelector?> & Sendable
    ) -> Self {
        JSONField(path, keyPath, decode: decodeSelector, encode: { $0.flatMap(\.json) })
    }

    package static func selectors(
        _ path: String..., at keyPath: any WritableKeyPath<Owner, [LabelSelector]> & Sendable
    ) -> Self {
        JSONField(
            path, keyPath,
            decode: { (json) throws(FieldProblem) in
                guard let elements = json.array else { throw FieldProblem("not a list") }
                var selectors: [LabelSelector] = []
                for element in elements where !element.isNull {
                    if let selector = try decodeSelector(element) { selectors.append(selector) }
                }
                return selectors
            },
            encode: { $0.isEmpty ? nil : .array($0.compactMap(\.json)) })
    }

    /// A text of a closed set that newer servers may open: kept as it is.
    package static func word<Word: RawRepresentable & Sendable>(
        _ path: String..., at keyPath: any WritableKeyPath<Owner, Word?> & Sendable
    ) -> Self where Word.RawValue == String {
        JSONField(
            path, keyPath,
            decode: { (json) throws(FieldProblem) in
                let text = try decodeString(json)
                guard !text.isEmpty else { return nil }
                guard let word = Word(rawValue: text) else { throw FieldProblem("'\(text)' is unknown") }
                return word
            },
            encode: { $0.map { .string($0.rawValue) } })
    }

    /// Kept as JSON.
    package static func raw(_ path: String..., at keyPath: any WritableKeyPath<Owner, JSONValue?> & Sendable) -> Self {
        JSONField(path, keyPath, decode: { (json) throws(FieldProblem) in json }, encode: { $0 })
    }

    package static func nested<Part: FieldCoded>(
        _ path: String..., at keyPath: any WritableKeyPath<Owner, Part?> & Sendable
    ) -> Self {
        JSONField(
            path, keyPath,
            decode: { (json) throws(FieldProblem) in
                do throws(VeleroAPIError) {
                    return try Part(decoding: json, at: "")
                } catch {
                    throw FieldProblem(error.message)
                }
            },
            encode: { $0.map { $0.encoded(over: nil) } })
    }

    private static func decodeString(_ json: JSONValue) throws(FieldProblem) -> String {
        guard let text = json.string else { throw FieldProblem("not a text") }
        return text
    }

    private static func decodeSelector(_ json: JSONValue) throws(FieldProblem) -> LabelSelector? {
        do throws(SelectorError) {
            return try LabelSelector(json)
        } catch {
            throw FieldProblem("not a label selector: \(error.message)")
        }
    }
}
