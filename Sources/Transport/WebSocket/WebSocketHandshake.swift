internal import Basics
internal import Crypto
package import HTTPTypes

/// The request that opens a WebSocket, and what its answer must say. Source: RFC 6455, section 4.
package struct WebSocketHandshake: Sendable {
    private static let upgrade = HTTPField.Name("upgrade")
    private static let version = HTTPField.Name("sec-websocket-version")
    private static let key = HTTPField.Name("sec-websocket-key")
    private static let accept = HTTPField.Name("sec-websocket-accept")
    private static let protocols = HTTPField.Name("sec-websocket-protocol")
    private static let extensions = HTTPField.Name("sec-websocket-extensions")

    /// What is offered, the best first.
    package let subprotocols: [String]
    private let nonce: String

    /// - Parameter nonce: random; the server proves with it that it understood.
    package init(subprotocols: [String], nonce: (UInt64, UInt64)) {
        self.subprotocols = subprotocols
        var bytes: [UInt8] = []
        for word in [nonce.0, nonce.1] {
            for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(word >> UInt64(shift) & 255)) }
        }
        self.nonce = Base64.encode(bytes)
    }

    package func add(to fields: inout HTTPFields) {
        fields[.connection] = "Upgrade"
        WebSocketHandshake.set(&fields, WebSocketHandshake.upgrade, "websocket")
        WebSocketHandshake.set(&fields, WebSocketHandshake.version, "13")
        WebSocketHandshake.set(&fields, WebSocketHandshake.key, nonce)
        let offered = subprotocols.joined(separator: ", ")
        if !offered.isEmpty { WebSocketHandshake.set(&fields, WebSocketHandshake.protocols, offered) }
    }

    /// The subprotocol that the server chose.
    /// - Throws: `.invalid` if the answer is no 101, lacks the proof, or chooses what was not offered.
    package func chosen(in head: HTTPResponse) throws(TransportError) -> String {
        guard head.status == .switchingProtocols else { throw refusal("status \(head.status.code)") }
        func value(_ name: HTTPField.Name?) -> String { name.flatMap { head.headerFields[$0] } ?? "" }
        guard value(WebSocketHandshake.upgrade).lowercased() == "websocket",
            value(.connection).lowercased().contains("upgrade")
        else { throw refusal("it switches to another protocol") }
        guard value(WebSocketHandshake.accept) == WebSocketHandshake.proof(of: nonce) else {
            throw refusal("the proof is wrong; something on the way answers from memory")
        }
        guard value(WebSocketHandshake.extensions).isEmpty else {
            throw refusal("it uses an extension that nobody offered")
        }
        let chosen = value(WebSocketHandshake.protocols)
        guard subprotocols.contains(chosen) else {
            throw refusal("it speaks none of \(subprotocols.joined(separator: ", "))")
        }
        return chosen
    }

    private func refusal(_ reason: String) -> TransportError {
        TransportError(.invalid, "the server does not open the WebSocket: \(reason)")
    }

    private static func set(_ fields: inout HTTPFields, _ name: HTTPField.Name?, _ value: String) {
        if let name { fields[name] = value }
    }

    /// What `Sec-WebSocket-Accept` must be for a key.
    static func proof(of key: String) -> String {
        let text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        return Base64.encode(Array(Insecure.SHA1.hash(data: Array(text.utf8))))
    }

    /// The answer of a server that agrees; for twins and tests. Nil if `request` asks for no WebSocket, or offers none of
    /// `supported`; the first offered one that is supported is chosen.
    package static func answer(to request: HTTPRequest, supported: Set<String>) -> (HTTPResponse, subprotocol: String)?
    {
        func value(_ name: HTTPField.Name?) -> String { name.flatMap { request.headerFields[$0] } ?? "" }
        let offered = value(protocols).split(separator: ",").map { $0.filter { $0 != " " } }
        guard value(upgrade).lowercased() == "websocket", let chosen = offered.first(where: supported.contains) else {
            return nil
        }
        var head = HTTPResponse(status: .switchingProtocols)
        head.headerFields[.connection] = "Upgrade"
        set(&head.headerFields, upgrade, "websocket")
        set(&head.headerFields, accept, proof(of: value(key)))
        set(&head.headerFields, protocols, chosen)
        return (head, chosen)
    }
}
