import Basics
import FoundationEssentials
import HTTPTypes
import MartletTestSupport
import NIOCore
import NetworkTransport
import Testing
import Transport

/// A queue of moto, which speaks SQS's older protocol of forms as well: what tests send does not come from the code they test.
struct MotoQueue: Sendable {
    let url: String
    private let endpoint: String

    static func make() async throws -> MotoQueue {
        let endpoint = try TestServers.address(of: .moto)
        let name = "martlet-cli-\(UUID().uuidString.lowercased())"
        let queue = MotoQueue(url: "\(endpoint)/123456789012/\(name)", endpoint: endpoint)
        try await withNetworkTransport { transport in
            _ = try await queue.ask([("Action", "CreateQueue"), ("QueueName", name)], transport)
        }
        return queue
    }

    func send(_ message: String, transport: NetworkTransport) async throws {
        _ = try await ask([("Action", "SendMessage"), ("QueueUrl", url), ("MessageBody", message)], transport)
    }

    /// Neither waiting nor taken and not deleted.
    func isEmpty(transport: NetworkTransport) async throws -> Bool {
        let answer = try await ask(
            [("Action", "GetQueueAttributes"), ("QueueUrl", url), ("AttributeName.1", "All")], transport)
        return ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"].allSatisfy { name in
            answer.contains("<Name>\(name)</Name><Value>0</Value>")
                || answer.filter { !$0.isWhitespace }.contains("<Name>\(name)</Name><Value>0</Value>")
        }
    }

    private func ask(_ fields: [(String, String)], _ transport: NetworkTransport) async throws -> String {
        var head = HTTPRequest(
            method: .post, scheme: "http", authority: String(endpoint.dropFirst("http://".count)), path: "/")
        // moto believes any signature; it reads from it which service is meant.
        head.headerFields[.authorization] =
            "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0"
        head.headerFields[.contentType] = "application/x-www-form-urlencoded"
        let form = (fields + [("Version", "2012-11-05")]).map { "\($0.0)=\(PercentEncoding.encode($0.1))" }
        let body = ByteBuffer(string: form.joined(separator: "&"))
        let response = try await transport.send(TransportRequest(head: head, body: .bytes(body)))
        var text = ""
        for try await chunk in response.body { text += String(buffer: chunk) }
        try #require(response.head.status.code == 200, "\(text)")
        return text
    }
}
