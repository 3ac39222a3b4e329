internal import NIOCore
internal import Transport

/// A command that is running, for what must be fed or watched while it runs. Safe to use from any task, but one task at a
/// time waits for its end.
///
/// Dropping the session, or cancelling the task in `result()`, closes the connection: the command's stdin then ends; the
/// command itself is not killed.
package final class ExecSession: Sendable {
    private let sender: WebSocketSender
    private let body: ByteStream
    private let machine: ExecMachine
    private let subject: String

    init(_ sender: WebSocketSender, _ body: ByteStream, _ machine: ExecMachine, subject: String) {
        self.sender = sender
        self.body = body
        self.machine = machine
        self.subject = subject
    }

    /// Hands bytes to the command's stdin.
    /// - Throws: `.unreachable`, `.cancelled`.
    package func write(_ bytes: [UInt8]) async throws(APIError) {
        // Servers take 32 KiB at a time without copying.
        var rest = bytes[...]
        while !rest.isEmpty {
            try await send(WebSocketFrame(.binary, [ExecMachine.Channel.stdin.rawValue] + rest.prefix(32 << 10)))
            rest = rest.dropFirst(32 << 10)
        }
    }

    /// Ends the command's stdin.
    /// - Returns: false where the server knows no way to do so but the end of the connection.
    package func endInput() async throws(APIError) -> Bool {
        guard let end = machine.endOfStdin else { return false }
        try await send(WebSocketFrame(.binary, end))
        return true
    }

    /// Asks the server for a sign of life. The answer counts as traffic for the silence that the connection allows.
    package func ping() async throws(APIError) { try await send(WebSocketFrame(.ping)) }

    /// Waits for the command to end. Call it once.
    ///
    /// - Parameter heard: called with each piece that the command writes to stdout, as it comes.
    /// - Throws: `.server` if it could not be run at all, `.unreachable` or `.timeout` if the connection was lost: then
    ///   nobody knows how it ended, or whether; `.malformed`; `.cancelled`.
    package func result(
        _ heard: @Sendable (ArraySlice<UInt8>) -> Void = { _ in }
    ) async throws(APIError) -> ExecResult {
        var machine = machine
        var reader = WebSocketReader(body, sender: sender)
        while true {  // Ends with the command or with the connection, which is not silent for ever.
            let message: WebSocketMessage
            do throws(TransportError) { message = try await reader.next() } catch { throw APIError(error, subject) }
            let result: Result<ExecResult, APIError>
            switch machine.receive(message) {
            case .goOn: continue
            case .said(let bytes):
                heard(bytes)
                continue
            case .ended(let end): result = end
            }
            await sender.sendPolitely(WebSocketFrame(.close, WebSocketClose(code: 1000).payload))
            return try result.get()
        }
    }

    private func send(_ frame: WebSocketFrame) async throws(APIError) {
        do throws(TransportError) { try await sender.send(frame) } catch { throw APIError(error, subject) }
    }
}
