/// The authority of a URL: `host`, `host:port`, `[::1]:port`.
package struct HostAndPort: Sendable, Hashable, CustomStringConvertible {
    /// Without brackets.
    package let host: String
    package let port: Int?

    package init(host: String, port: Int?) {
        self.host = host
        self.port = port
    }

    /// Nil if the port is no number from 0 to 65535 or a bracket has no partner. A user before an `@` is refused: a
    /// request carries credentials in headers.
    package init?(_ authority: String) {
        guard !authority.contains("@") else { return nil }
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            let host = String(authority[authority.index(after: authority.startIndex)..<end])
            let rest = authority[authority.index(after: end)...]
            if rest.isEmpty {
                self.init(host: host, port: nil)
            } else {
                guard rest.hasPrefix(":"), let port = UInt16(rest.dropFirst()) else { return nil }
                self.init(host: host, port: Int(port))
            }
            return
        }
        let colons = authority.utf8.reduce(0) { $1 == UInt8(ascii: ":") ? $0 + 1 : $0 }
        switch colons {
        case 0: self.init(host: authority, port: nil)
        case 1:
            let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
            guard let port = UInt16(parts[1]) else { return nil }
            self.init(host: String(parts[0]), port: Int(port))
        default: self.init(host: authority, port: nil)  // An IPv6 address without brackets.
        }
    }

    package var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port.map { "\(name):\($0)" } ?? name
    }
}
