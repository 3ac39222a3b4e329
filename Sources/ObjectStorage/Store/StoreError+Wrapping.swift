extension StoreError {
    /// `error` itself if it is a `StoreError`, `.cancelled` for a cancelled task, and otherwise `.unavailable` around it:
    /// a transfer that ends in any other error did not arrive.
    package init(_ error: any Error, while doing: @autoclosure () -> String) {
        if let error = error as? StoreError {
            self = error
        } else if error is CancellationError {
            self.init(.cancelled, "\(doing()) was cancelled")
        } else {
            self.init(.unavailable, "\(doing()) failed", cause: error)
        }
    }
}
