internal import Transport

/// One request to the API server and what must be known to send it safely.
struct APIRequest: Sendable {
    /// When a request whose answer was lost may be sent again.
    enum Repeatability: Sendable {
        /// Reads, deletes, merge patches and server-side apply: the second time does what the first did.
        case always
        /// Creates, updates and JSON patches: only if the server cannot have acted on it, because no connection was made
        /// or because it said that it did not.
        case ifUnseen
    }

    var transport: TransportRequest
    /// `create configmaps/default/x`: the beginning of every message about it.
    let subject: String
    let repeatability: Repeatability
    /// Whether the server's words may quote what was sent, which must not be seen.
    let concernsSecret: Bool
}
