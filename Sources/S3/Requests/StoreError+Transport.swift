import ObjectStorage
import Transport

extension StoreError {
    /// What a failed request means to a caller of the store.
    init(_ error: TransportError, _ doing: String) {
        switch error.code {
        case .connect: self.init(.unavailable, "\(doing): the store cannot be reached", cause: error)
        case .timeout: self.init(.unavailable, "\(doing): the store does not answer", cause: error)
        case .broken: self.init(.unavailable, "\(doing): the connection broke", cause: error)
        case .tls:
            self.init(
                .invalid, "\(doing): no trust between us and the store: name its authority (CA certificate)",
                cause: error)
        case .invalid: self.init(.invalid, "\(doing): this is no HTTP", cause: error)
        case .cancelled: self.init(.cancelled, "\(doing) was cancelled", cause: error)
        }
    }

    /// What an error in a body means.
    init(transfer error: any Error, _ doing: String) {
        if let error = error as? TransportError {
            self.init(error, doing)
        } else {
            self.init(error, while: doing)
        }
    }
}
