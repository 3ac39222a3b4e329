import Basics
import HTTPTypes
import KubernetesModel
import NIOCore
import Transport

/// A conversation with an API server, practice or real: what was asked, and what was answered without that which
/// differs from run to run.
final class Dialogue {
    struct Server {
        let transport: any HTTPTransport
        let authority: String
        let token: Secret?
    }

    /// One question and its answer, as compared and as kept in a fixture.
    struct Exchange: Equatable {
        let question: String
        let code: Int
        let answer: JSONValue

        var json: JSONValue {
            ["question": .string(question), "code": .number(JSONNumber(code)), "answer": answer]
        }

        init(question: String, code: Int, answer: JSONValue) {
            self.question = question
            self.code = code
            self.answer = answer
        }

        init?(_ json: JSONValue) {
            guard let question = json["question"]?.string, let code = json["code"]?.int64, let answer = json["answer"]
            else { return nil }
            self.init(question: question, code: Int(code), answer: answer)
        }
    }

    private let server: Server
    private(set) var exchanges: [Exchange] = []
    private var normalizer = Normalizer()

    init(_ server: Server) { self.server = server }

    /// Asks and notes the answer; returns it as it came.
    @discardableResult
    func ask(
        _ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil,
        as contentType: String = "application/json",
        accept: String = "application/json"
    ) async throws -> JSONValue {
        let (code, answer) = try await send(method, path, body, contentType, accept)
        let question = "\(method.rawValue) \(path)"
        let normalized = normalizer.normalize(answer)
        exchanges.append(Exchange(question: normalizer.normalize(text: question), code: code, answer: normalized))
        return answer
    }

    /// Asks without noting: to clean up, or to put something in place that is not the point.
    @discardableResult
    func silently(_ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil) async throws -> JSONValue {
        let (_, answer) = try await send(method, path, body, "application/json", "application/json")
        normalizer.learn(answer)
        return answer
    }

    /// Asks until `condition` holds, at most for a minute, then notes nothing. A real cluster's controllers take a
    /// moment.
    func wait(for path: String, until condition: (_ code: Int, JSONValue) -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {  // Ends with the condition or the deadline.
            let (code, answer) = try await send(.get, path, nil, "application/json", "application/json")
            normalizer.learn(answer)
            if condition(code, answer) { return }
            guard ContinuousClock.now < deadline else { throw TimedOut(path: path) }
            await Task.yield()
        }
    }

    struct TimedOut: Error, CustomStringConvertible {
        let path: String
        var description: String { "waited in vain for \(path)" }
    }

    private func send(
        _ method: HTTPRequest.Method, _ path: String, _ body: JSONValue?, _ contentType: String, _ accept: String
    ) async throws -> (code: Int, JSONValue) {
        var head = HTTPRequest(method: method, scheme: "https", authority: server.authority, path: path)
        head.headerFields[.accept] = accept
        head.headerFields[.userAgent] = "conformance/1"
        if body != nil { head.headerFields[.contentType] = contentType }
        if let token = server.token { head.headerFields[.authorization] = "Bearer \(token.reveal())" }
        let bytes = body?.serialized() ?? []
        let response = try await server.transport.send(
            TransportRequest(head: head, body: body == nil ? .empty : .bytes(ByteBuffer(bytes: bytes))))
        var received: [UInt8] = []
        for try await chunk in response.body { received.append(contentsOf: chunk.readableBytesView) }
        let text = String(decoding: received, as: UTF8.self)
        let answer = (try? JSONValue(parsing: received)) ?? .string(text)  // Some answers are plain text.
        return (response.head.status.code, answer)
    }
}

/// Takes out of answers what two servers cannot have in common: identities, times, versions, drawn names.
struct Normalizer {
    private var known: [String: String] = [:]

    /// Remembers the identities in `value`, so that they are recognised in messages.
    mutating func learn(_ value: JSONValue) { _ = normalize(value) }

    mutating func normalize(_ value: JSONValue) -> JSONValue {
        collect(value, key: "")
        return replaced(value, key: "")
    }

    func normalize(text: String) -> String {
        var text = text
        for (value, name) in known.sorted(by: { $0.key.utf8.count > $1.key.utf8.count }) {
            text = text.replacing(value, with: name)
        }
        return text
    }

    private mutating func collect(_ value: JSONValue, key: String) {
        switch value {
        case .object(let members):
            if let metadata = members["metadata"], let prefix = metadata["generateName"]?.string,
                let name = metadata["name"]?.string
            {
                known[name] = "\(prefix)<suffix>"
            }
            for (key, child) in members { collect(child, key: key) }
        case .array(let elements): for element in elements { collect(element, key: key) }
        case .string(let text):
            if key == "uid", text.utf8.count == 36 { known[text] = "<uid>" }
            if key == "continue", !text.isEmpty { known[text] = "<token>" }
            if let range = text.range(of: "-token-"), text.utf8.count - text[..<range.upperBound].utf8.count == 5 {
                known[text] = text[..<range.upperBound] + "<suffix>"
            }
        case .null, .bool, .number: break
        }
    }

    private func replaced(_ value: JSONValue, key: String) -> JSONValue {
        switch value {
        case .object(var members):
            members["managedFields"] = nil
            members["storageVersionHash"] = nil
            // An empty continue token and none at all mean the same.
            if members["continue"] == "" { members["continue"] = nil }
            for (key, child) in members { members[key] = replaced(child, key: key) }
            return .object(members)
        case .array(let elements): return .array(elements.map { replaced($0, key: key) })
        case .string(let text):
            switch key {
            case "resourceVersion": return "<version>"
            case "time", "creationTimestamp", "deletionTimestamp", "lastTransitionTime", "lastProbeTime":
                return "<time>"
            case "clusterIP" where text != "None", "clusterIPs" where text != "None": return "<address>"
            case "token", "ca.crt": return "<secret>"
            default: return .string(normalize(text: withoutVersions(text)))
            }
        case .null, .bool: return value
        case .number(let number):
            if key == "nodePort", number.int64 != 30_080 { return "<port>" }
            return .number(number)
        }
    }

    /// Messages about versions name numbers that no two servers share.
    private func withoutVersions(_ text: String) -> String {
        guard text.contains("esource") || text.contains("current:") else { return text }
        let parts = text.split(separator: " ", omittingEmptySubsequences: false).map { part -> String in
            let digits = part.filter { $0.isNumber }
            let other = part.filter { !$0.isNumber && !"(),.".contains($0) }
            return !digits.isEmpty && other.isEmpty ? "<number>" : String(part)
        }
        return parts.joined(separator: " ")
    }
}

extension String {
    fileprivate func range(of part: String) -> Range<String.Index>? { firstRange(of: part) }
}
