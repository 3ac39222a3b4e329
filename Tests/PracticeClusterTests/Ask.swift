import Basics
import HTTPTypes
import KubernetesModel
import NIOCore
import PracticeCluster
import Transport

/// What came back for one request through the transport.
struct Asked {
    let code: Int
    let headers: HTTPFields
    let json: JSONValue
}

extension PracticeCluster {
    func ask(
        _ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil, token: String? = nil,
        accept: String = "application/json"
    ) async throws -> Asked {
        let response = try await send(request(method, path, body, token: token, accept: accept))
        var bytes: [UInt8] = []
        for try await chunk in response.body { bytes.append(contentsOf: chunk.readableBytesView) }
        let text = String(decoding: bytes, as: UTF8.self)
        let json = (try? JSONValue(parsing: bytes)) ?? .string(text)  // Some answers are plain text.
        return Asked(code: response.head.status.code, headers: response.head.headerFields, json: json)
    }

    func watch(_ path: String) async throws -> ByteStream.AsyncIterator {
        try await send(request(.get, path, nil)).body.makeAsyncIterator()
    }

    private func request(
        _ method: HTTPRequest.Method, _ path: String, _ body: JSONValue?, token: String? = nil, accept: String = ""
    ) -> TransportRequest {
        var head = HTTPRequest(method: method, scheme: "https", authority: "practice", path: path)
        head.headerFields[.accept] = accept
        if let token { head.headerFields[.authorization] = "Bearer \(token)" }
        if body != nil { head.headerFields[.contentType] = "application/json" }
        return TransportRequest(
            head: head, body: body.map { .bytes(ByteBuffer(bytes: $0.serialized())) } ?? .empty)
    }

    @discardableResult
    func put(_ name: String, _ data: JSONValue = [:], labels: JSONValue? = nil, in namespace: String = "default")
        -> JSONValue
    {
        var object: JSONValue = ["metadata": ["name": .string(name)], "data": data]
        object["metadata", "labels"] = labels
        return request("POST", "/api/v1/namespaces/\(namespace)/configmaps", object).body
    }
}

/// The events in one chunk of a watch.
struct Event: Equatable {
    let type: String
    let name: String

    static func read(_ chunk: ByteBuffer?) throws -> [Event] {
        guard let chunk else { return [] }
        return try chunk.readableBytesView.split(separator: UInt8(ascii: "\n")).map { line in
            let json = try JSONValue(parsing: line)
            return Event(
                type: json["type"]?.string ?? "",
                name: json["object", "metadata", "name"]?.string ?? json["object", "reason"]?.string ?? "")
        }
    }
}
