import Basics
import FoundationEssentials
import HTTPTypes
import MartletTestSupport
import NIOCore
import NetworkTransport
import Subprocess
import SystemPackage
import Testing
import Transport

/// A service that runs, and how to ask it over HTTP.
struct RunningService: Sendable {
    /// `127.0.0.1:PORT`.
    let address: String
    let transport: NetworkTransport
    private let readMessages: @Sendable () -> String

    init(address: String, transport: NetworkTransport, messages: @escaping @Sendable () -> String) {
        self.address = address
        self.transport = transport
        readMessages = messages
    }

    /// What it has written to standard error until now.
    var messages: String { readMessages() }

    struct Answer: Sendable {
        let status: Int
        let body: String
    }

    func get(_ path: String) async throws -> Answer { try await send(.get, path) }

    func send(
        _ method: HTTPRequest.Method, _ path: String, body: String? = nil, token: String? = nil
    ) async throws -> Answer {
        var head = HTTPRequest(method: method, scheme: "http", authority: address, path: path)
        if let token { head.headerFields[.authorization] = token }
        if body != nil { head.headerFields[.contentType] = "application/json" }
        let sent = TransportRequest(head: head, body: body.map { .bytes(ByteBuffer(string: $0)) } ?? .empty)
        let response = try await transport.send(sent)
        var bytes: [UInt8] = []
        for try await chunk in response.body { bytes += chunk.readableBytesView }
        return Answer(status: response.head.status.code, body: String(decoding: bytes, as: UTF8.self))
    }
}

extension MartletProcess {
    /// Runs a service that listens, `--listen 127.0.0.1:0` among `arguments`; sends `signal` when `body` is done.
    func serve(
        _ arguments: [String], ending signal: Signal = .terminate,
        _ body: @escaping @Sendable (RunningService) async throws -> Void
    ) async throws -> Outcome {
        let folder = try ScratchFolder()
        let path = "\(folder.path)/messages"
        let file = try FileDescriptor.open(
            FilePath(path), .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
        let messages: @Sendable () -> String = {
            // It is written while it is read: half a character at its end is none.
            (FileManager.default.contents(atPath: path)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        }
        return try await withNetworkTransport { transport in
            let result = try await Subprocess.run(
                .path(FilePath(MartletProcess.program)), arguments: Arguments(arguments), environment: variables,
                input: .none, output: .string(limit: MartletProcess.outputLimit),
                error: .fileDescriptor(file, closeAfterSpawningProcess: true)
            ) { execution in
                do {
                    let address = try await MartletProcess.address(messages)
                    try await body(RunningService(address: address, transport: transport, messages: messages))
                } catch {
                    try execution.send(signal: .kill)
                    throw error
                }
                try execution.send(signal: signal)
            }
            return MartletProcess.outcome(result.terminationStatus, result.standardOutput, messages())
        }
    }

    private struct DidNotListen: Error, CustomStringConvertible {
        let description: String
    }

    /// Where it says that it listens. Ends with the test's time limit.
    private static func address(_ messages: @Sendable () -> String) async throws -> String {
        while true {
            let text = messages()
            if let start = text.firstRange(of: "listening on "),
                let end = text[start.upperBound...].firstRange(of: ": ")
            {
                return String(text[start.upperBound..<end.lowerBound])
            }
            if text.contains("error: ") { throw DidNotListen(description: text) }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

/// Returns when `condition` holds; asked again and again, until the test's time limit.
func eventually(_ condition: () async throws -> Bool) async throws {
    while try await !condition() { try await Task.sleep(for: .milliseconds(20)) }
}
