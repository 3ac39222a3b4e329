import NetworkTransport
import Synchronization

/// The connections that a run opened, to be closed at its end.
final class OpenTransports: Sendable {
    private let opened = Mutex<[NetworkTransport]>([])

    func open(_ settings: ConnectionSettings) throws -> NetworkTransport {
        let transport = try NetworkTransport(settings)
        opened.withLock { $0.append(transport) }
        return transport
    }

    func closeAll() async {
        let transports = opened.withLock { opened in
            defer { opened = [] }
            return opened
        }
        for transport in transports { await transport.shutdown() }
    }
}
