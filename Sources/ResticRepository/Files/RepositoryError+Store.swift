import ObjectStorage
import ResticFormat

extension RepositoryError {
    /// What a failed request to the store means; `cause` says the rest.
    init(_ error: StoreError, _ doing: String) {
        switch error.code {
        case .notFound: self.init(.notFound, "\(doing) failed: it is not there", cause: error)
        case .cancelled: self.init(.cancelled, "\(doing) was cancelled", cause: error)
        default: self.init(.store, "\(doing) failed", cause: error)
        }
    }

    init(_ error: StoreError, reading what: String) {
        switch error.code {
        case .notFound: self.init(.notFound, "\(what) is missing from the store", cause: error)
        case .limitExceeded: self.init(.damaged, "\(what) is larger than such a file can be", cause: error)
        default: self.init(error, "reading \(what)")
        }
    }

    /// `error` itself if it is a `RepositoryError`; otherwise what it means here.
    init(_ error: any Error, while doing: @autoclosure () -> String) {
        if let error = error as? RepositoryError {
            self = error
        } else if let error = error as? StoreError {
            self.init(error, doing())
        } else if error is CancellationError {
            self.init(.cancelled, "\(doing()) was cancelled")
        } else {
            self.init(.store, "\(doing()) failed", cause: error)
        }
    }

    /// Stored bytes that make no sense.
    init(_ error: FormatError, in what: String) {
        switch error.code {
        case .unsupported: self.init(.unsupported, "\(what) is of a kind that this program does not know", cause: error)
        default: self.init(.damaged, "\(what) is damaged", cause: error)
        }
    }
}
