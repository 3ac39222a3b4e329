internal import KubernetesModel
internal import Transport

/// Understands what a server sends over an exec WebSocket: each binary message is a channel's number and bytes of it. A
/// value without I/O.
///
/// Sources: Kubernetes, `k8s.io/apimachinery/pkg/util/remotecommand` (channels, `v4.channel.k8s.io`,
/// `v5.channel.k8s.io`); KEP-4006. Tried against 1.20, which speaks v4.
struct ExecMachine {
    /// The best first. v5 is v4 with a way to end stdin alone.
    static let subprotocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"]

    enum Channel: UInt8 { case stdin = 0, stdout, stderr, error, resize, close = 255 }

    enum Step {
        case goOn
        /// The command wrote to stdout.
        case said(ArraySlice<UInt8>)
        /// The command has ended, or did not begin.
        case ended(Result<ExecResult, APIError>)
    }

    /// `exec in pods/ns/name/exec`: begins every message.
    private let subject: String
    private let concernsV5: Bool
    private var stdout: ExecOutput
    private var stderr: ExecOutput
    /// The `Status` that tells how the command ended; at most 64 KiB of it. It is the last thing that comes.
    private var status = ExecOutput(limit: 64 << 10)

    init(_ subject: String, subprotocol: String, outputLimit: Int) {
        self.subject = subject
        concernsV5 = subprotocol == ExecMachine.subprotocols[0]
        stdout = ExecOutput(limit: outputLimit)
        stderr = ExecOutput(limit: outputLimit)
    }

    /// What ends stdin; nil where nothing but the end of the connection does.
    var endOfStdin: [UInt8]? { concernsV5 ? [Channel.close.rawValue, Channel.stdin.rawValue] : nil }

    mutating func receive(_ message: WebSocketMessage) -> Step {
        switch message {
        case .binary(let bytes), .text(let bytes): receive(bytes)
        case .close(let close): ended(by: close)
        case .ping, .pong: .goOn
        }
    }

    private mutating func receive(_ bytes: [UInt8]) -> Step {
        // The first message is often an empty one that only says that the stream is open.
        guard let number = bytes.first else { return .goOn }
        switch Channel(rawValue: number) {
        case .stdout?:
            stdout.append(bytes.dropFirst())
            return .said(bytes.dropFirst())
        case .stderr?: stderr.append(bytes.dropFirst())
        case .error? where bytes.count > 1:
            status.append(bytes.dropFirst())
            if let json = try? JSONValue(parsing: status.bytes) { return .ended(outcome(json)) }
        case .error?, .close?: break
        case .stdin?, .resize?, nil:
            return .ended(.failure(APIError(.malformed, "\(subject): the server sends on channel \(number)")))
        }
        return .goOn
    }

    private func outcome(_ json: JSONValue) -> Result<ExecResult, APIError> {
        func exited(_ code: Int) -> Result<ExecResult, APIError> {
            .success(ExecResult(exitCode: code, stdout: stdout, stderr: stderr))
        }
        if json["status"]?.string == "Success" { return exited(0) }
        if json["reason"]?.string == "NonZeroExitCode" {
            let causes = json["details", "causes"]?.array ?? []
            let text = causes.first { $0["reason"]?.string == "ExitCode" }?["message"]?.string
            guard let code = text.flatMap({ Int($0) }), code != 0 else {
                return .failure(APIError(.malformed, "\(subject): the command failed with no exit code"))
            }
            return exited(code)
        }
        let words = (json["message"]?.string ?? json["reason"]?.string ?? "no reason given")
            .map { $0.isNewline ? " " : $0 }.prefix(2_000)
        return .failure(APIError(.server, "\(subject): the command was not run: \(String(words))"))
    }

    private func ended(by close: WebSocketClose) -> Step {
        // v4 servers have sent the status before; one that closes without it says nothing about the command.
        let reason = close.reason.isEmpty ? "" : ": \(close.reason)"
        return .ended(
            .failure(
                APIError(
                    .unreachable,
                    "\(subject): the server ended the connection before it told how the command ended (code \(close.code)"
                        + "\(reason))")))
    }
}
