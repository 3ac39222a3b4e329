package import KubernetesModel

/// A part of a velero.io object (its spec, its status) that is read from and written over JSON by a table of fields.
///
/// Reading is tolerant: `null` is as good as absent, fields that the table does not name are left alone. A field of the
/// wrong type is an error: a filter that is silently dropped would back up something else than was asked for.
/// Writing changes the fields that were changed since reading and nothing else, so what a newer Velero keeps in an
/// object survives us.
package protocol FieldCoded: Sendable, Hashable {
    init()
    static var fields: [JSONField<Self>] { get }
}

extension FieldCoded {
    /// - Parameter place: of `json` in the whole object, for messages: `spec`.
    package init(decoding json: JSONValue?, at place: String) throws(VeleroAPIError) {
        self.init()
        guard let json, !json.isNull else { return }
        guard json.object != nil else { throw VeleroAPIError(.malformed, "\(place): not an object") }
        for field in Self.fields {
            guard let value = json[field.path], !value.isNull else { continue }
            do throws(FieldProblem) {
                try field.read(value, &self)
            } catch {
                let name = ([place] + field.path).joined(separator: ".")
                throw VeleroAPIError(.malformed, "\(name): \(error.description)")
            }
        }
    }

    /// `original` with the fields replaced that differ from what `original` says.
    package func encoded(over original: JSONValue?) -> JSONValue {
        var json = original ?? .object([:])
        let before = try? Self(decoding: original, at: "")  // A malformed original is written anew, field by field.
        for field in Self.fields {
            let value = field.write(self)
            if let before, field.write(before) == value { continue }
            json[field.path] = value
        }
        return json
    }
}

/// What is wrong with one value; the place is added by `FieldCoded`.
package struct FieldProblem: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
