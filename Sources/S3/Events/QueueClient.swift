import Basics
import Crypto
import HTTPTypes
import NIOCore
import ObjectStorage
import Transport

/// What a queue holds until it is deleted by its receipt.
struct QueueMessage: Sendable, Hashable {
    let body: String
    let receipt: String
}

/// Signs and sends the two requests to a queue that are needed. Nothing is tried again here: whoever listens opens anew.
/// Source: Amazon SQS API Reference, "ReceiveMessage" and "DeleteMessageBatch", the AWS JSON protocol 1.0.
struct QueueClient: Sendable {
    /// `sqs.eu-central-1.amazonaws.com/events`: the host and the queue's own name.
    let name: String
    private let configuration: QueueConfiguration
    private let scheme: String
    private let authority: String
    private let region: String
    private let transport: any HTTPTransport
    private let clock: WallClock

    /// Ten messages of at most 1 MiB together, quoted.
    private static let longestAnswer = 8 << 20
    /// As many as one request may bring, or delete.
    private static let mostMessages = 10

    init(
        _ configuration: QueueConfiguration, transport: any HTTPTransport, clock: WallClock
    ) throws(StoreError) {
        self.configuration = configuration
        self.transport = transport
        self.clock = clock
        let url = configuration.url
        let isSecure = url.lowercased().hasPrefix("https://")
        let parts = url.dropFirst(isSecure ? 8 : 7).split(separator: "/")
        guard isSecure || url.lowercased().hasPrefix("http://"), parts.count >= 2, let last = parts.last,
            url.utf8.allSatisfy({ (0x21..<0x7F).contains($0) && !"\"\\@?#".utf8.contains($0) })
        else {
            throw StoreError(
                .invalid, "a queue is named by its URL: https://sqs.REGION.amazonaws.com/ACCOUNT/NAME, without keys")
        }
        scheme = isSecure ? "https" : "http"
        authority = parts[0].lowercased()
        name = "\(authority)/\(last)"
        region = configuration.region ?? QueueClient.region(of: authority) ?? "us-east-1"
    }

    /// The region in the names of Amazon's own hosts, old and new: `sqs.eu-central-1.amazonaws.com`,
    /// `eu-central-1.queue.amazonaws.com`.
    private static func region(of authority: String) -> String? {
        let labels = authority.split(separator: ".")
        guard authority.contains(".amazonaws.com"), labels.count >= 4 else { return nil }
        return String(labels[0] == "sqs" ? labels[1] : labels[0])
    }

    /// - Parameter patience: how long the queue waits for a first message.
    func receive(waiting patience: Duration) async throws(StoreError) -> [QueueMessage] {
        let body =
            "{\"QueueUrl\":\"\(configuration.url)\",\"MaxNumberOfMessages\":\(QueueClient.mostMessages),"
            + "\"WaitTimeSeconds\":\(patience.components.seconds)}"
        let answer = try await send("ReceiveMessage", body, timeout: patience + .seconds(20))
        // An empty queue answers without the list, or with an empty one.
        guard case .array(let messages)? = answer["Messages"] else { return [] }
        return messages.compactMap { message in
            guard let body = message["Body"]?.text, let receipt = message["ReceiptHandle"]?.text else { return nil }
            return QueueMessage(body: body, receipt: receipt)
        }
    }

    /// What could not be deleted comes again.
    func delete(_ messages: [QueueMessage]) async throws(StoreError) {
        var rest = messages[...]
        while !rest.isEmpty {
            let entries = rest.prefix(QueueClient.mostMessages).enumerated().map { index, message in
                "{\"Id\":\"\(index)\",\"ReceiptHandle\":\(JSONText.quoted(message.receipt))}"
            }
            rest = rest.dropFirst(QueueClient.mostMessages)
            let body = "{\"QueueUrl\":\"\(configuration.url)\",\"Entries\":[\(entries.joined(separator: ","))]}"
            _ = try await send("DeleteMessageBatch", body, timeout: .seconds(30))
        }
    }

    private func send(_ action: String, _ text: String, timeout: Duration) async throws(StoreError) -> JSONText {
        let doing = "\(action) \(name)"
        let body = ByteBuffer(string: text)
        var head = HTTPRequest(method: .post, scheme: scheme, authority: authority, path: "/")
        head.headerFields[.contentType] = "application/x-amz-json-1.0"
        if let target = HTTPField.Name("x-amz-target") { head.headerFields[target] = "AmazonSQS.\(action)" }
        let credentials = try await configuration.credentials.credentials()
        let date = SigningDate(clock.now())
        let hash = SHA256.hash(data: Array(text.utf8)).withUnsafeBytes { Hex.encode($0) }
        let key = SigningKey(secret: credentials.secretKey, date: date, region: region, service: "sqs")
        RequestSigner(key: key).sign(&head, payloadHash: hash, with: credentials, at: date)
        let response: TransportResponse
        do {
            response = try await transport.send(
                TransportRequest(head: head, body: .bytes(body), headTimeout: timeout, idleTimeout: timeout))
        } catch {
            throw StoreError(error, doing)
        }
        let bytes = try await collect(response, doing)
        let answer = bytes.isEmpty ? JSONText.object([:]) : try? JSONReader.read(bytes[...])
        guard (200..<300).contains(response.head.status.code) else {
            throw QueueClient.refusal(response.head.status.code, answer, doing)
        }
        guard let answer else { throw StoreError(.unavailable, "\(doing): the answer is no JSON") }
        return answer
    }

    private func collect(_ response: TransportResponse, _ doing: String) async throws(StoreError) -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            for try await chunk in response.body {
                guard bytes.count + chunk.readableBytes <= QueueClient.longestAnswer else {
                    throw StoreError(.invalid, "\(doing): an answer of more than \(QueueClient.longestAnswer) bytes")
                }
                bytes += chunk.readableBytesView
            }
            return bytes
        } catch {
            throw StoreError(transfer: error, doing)
        }
    }

    /// Source: Amazon SQS API Reference, "Common errors"; the name comes as `com.amazonaws.sqs#QueueDoesNotExist`.
    static func refusal(_ status: Int, _ answer: JSONText?, _ doing: String) -> StoreError {
        let full = answer?["__type"]?.text ?? ""
        let type = full.split(separator: "#").last.map { String($0.prefix(80)) } ?? ""
        let message = answer?["message"]?.text ?? answer?["Message"]?.text ?? ""
        let line = message.split(whereSeparator: \.isNewline).joined(separator: " ")
        var said = type.isEmpty ? "status \(status)" : "\(type) (\(status))"
        if !line.isEmpty { said += ": \(line.prefix(300))" }
        return StoreError(code(status, type), "\(doing): \(said)")
    }

    private static func code(_ status: Int, _ type: String) -> StoreError.Code {
        switch type {
        case "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", "QueueDeletedRecently": .notFound
        case "AccessDenied", "AccessDeniedException", "KmsAccessDenied": .forbidden
        case "InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "IncompleteSignature",
            "MissingAuthenticationToken", "MissingAuthenticationTokenException", "ExpiredToken",
            "ExpiredTokenException",
            "InvalidSignatureException":
            .unauthorized
        case "RequestThrottled", "ThrottlingException", "Throttling", "OverLimit": .throttled
        default:
            switch status {
            case 401: .unauthorized
            case 403: .forbidden
            case 404: .notFound
            case 429, 503: .throttled
            case 500..<600: .unavailable
            default: .invalid
            }
        }
    }
}

extension JSONText {
    /// A text as JSON has it, with its quotes.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\u{0}"..."\u{1F}": quoted += "\\u00" + Hex.encode([UInt8(scalar.value)])
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
