import Basics
import KubernetesModel
import VeleroAPI

/// Where a secret is kept.
package enum SecretReference: Sendable, Hashable {
    case variable(String)
    case file(String)
    /// For names of keys, which are no secrets.
    case text(String)

    /// Where to look again, since it may change.
    var path: String? {
        if case .file(let path) = self { return path }
        return nil
    }

    /// - Throws: `.usage` if there is no such variable or file.
    func value(in context: CommandContext) throws(CommandError) -> String {
        switch self {
        case .text(let text): return text
        case .variable(let name):
            guard let value = context.environment[name], !value.isEmpty else {
                throw .usage("the variable \(name), which the file names, is not set")
            }
            return value
        case .file(let path):
            do {
                guard let bytes = try context.aliases.read(path) else {
                    throw CommandError.usage("there is no file '\(path)', which a key should be in")
                }
                return String(decoding: bytes, as: UTF8.self).trimmed
            } catch let error as CommandError {
                throw error
            } catch {
                throw CommandError(.usage, "'\(path)', which a key should be in, cannot be read", cause: error)
            }
        }
    }
}

/// The members of one object in a configuration file: each read once, with words for what is wrong.
struct ConfigurationFields {
    private let members: [String: JSONValue]
    private let place: String

    /// - Throws: `.usage` for something else than an object, or a member that nobody knows.
    init(_ value: JSONValue, in place: String, known: [String]) throws(CommandError) {
        guard let members = value.object else { throw .usage("\(place) is no list of names and values") }
        for name in members.keys.sorted() where !known.contains(name) {
            throw .usage(
                "\(place) has no '\(name)'." + Suggestion.sentence(for: name, in: known),
                advice: "It may have: \(known.joined(separator: ", ")).")
        }
        self.members = members
        self.place = place
    }

    /// As it stands; nil where nothing does.
    func value(_ name: String) -> JSONValue? { members[name].flatMap { $0.isNull ? nil : $0 } }

    func text(_ name: String) throws(CommandError) -> String? {
        guard let value = members[name], !value.isNull else { return nil }
        guard let text = value.string else { throw .usage("'\(name)' of \(place) is no text") }
        return text
    }

    /// As `text`; what YAML 1.1 takes for true and false are the words `on` and `off`.
    func word(_ name: String) throws(CommandError) -> String? {
        if let flag = members[name]?.bool { return flag ? "on" : "off" }
        return try text(name)
    }

    func texts(_ name: String) throws(CommandError) -> [String] {
        guard let value = members[name], !value.isNull else { return [] }
        if let text = value.string { return [text] }
        guard let list = value.array, list.allSatisfy({ $0.string != nil }) else {
            throw .usage("'\(name)' of \(place) is no list of texts")
        }
        return list.compactMap(\.string)
    }

    func flag(_ name: String) throws(CommandError) -> Bool? {
        guard let value = members[name], !value.isNull else { return nil }
        guard let flag = value.bool else { throw .usage("'\(name)' of \(place) is true or false") }
        return flag
    }

    func number(_ name: String, in range: ClosedRange<Int64>) throws(CommandError) -> Int? {
        guard let value = members[name], !value.isNull else { return nil }
        guard let number = value.int64, range.contains(number) else {
            throw .usage("'\(name)' of \(place) is a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return Int(number)
    }

    func span(_ name: String) throws(CommandError) -> Duration? {
        guard let text = try text(name) else { return nil }
        guard let span = GoDuration.parse(text), span >= .zero else {
            throw .usage("'\(name)' of \(place) is a span such as 90s, 15m or 24h, not '\(text)'")
        }
        return span
    }

    func list(_ name: String) throws(CommandError) -> [JSONValue] {
        guard let value = members[name], !value.isNull else { return [] }
        guard let list = value.array else { throw .usage("'\(name)' of \(place) is no list") }
        return list
    }

    func members(_ name: String) throws(CommandError) -> [(String, JSONValue)] {
        guard let value = members[name], !value.isNull else { return [] }
        guard let members = value.object else { throw .usage("'\(name)' of \(place) is no list of names and values") }
        return members.sorted { $0.key < $1.key }
    }

    /// The members `accessKey`, `secretKey` and `sessionToken`, read, as keys to `url`. Those in files stay known as such.
    func keys(
        url: String, _ addressing: StoreAlias.Addressing, _ place: String,
        _ lookUp: (SecretReference) throws(CommandError) -> String
    ) throws(CommandError) -> StoreAlias {
        let access = try reference("accessKey", takesText: true)
        let secret = try reference("secretKey", takesText: false)
        let token = try reference("sessionToken", takesText: false)
        var alias = StoreAlias(
            url: url, accessKey: try access.map(lookUp) ?? "", secretKey: Secret(try secret.map(lookUp) ?? ""),
            sessionToken: try token.map(lookUp).map { Secret($0) }, addressing: addressing)
        if let fault = alias.faultInKeys { throw .usage("\(place): \(fault)") }
        alias.keyFiles.accessKey = access?.path
        alias.keyFiles.secretKey = secret?.path
        alias.keyFiles.sessionToken = token?.path
        return alias
    }

    /// `{env: NAME}` or `{file: PATH}`. The text itself is not shown when it is refused: it may be the secret.
    func reference(_ name: String, takesText: Bool) throws(CommandError) -> SecretReference? {
        guard let value = members[name], !value.isNull else { return nil }
        if let text = value.string, takesText { return .text(text) }
        if let variable = value["env"]?.string { return .variable(variable) }
        if let path = value["file"]?.string { return .file(path) }
        throw .usage(
            "'\(name)' of \(place) must say where it is kept, not what it is",
            advice: "Write '\(name): {env: NAME}' or '\(name): {file: PATH}'.")
    }
}
