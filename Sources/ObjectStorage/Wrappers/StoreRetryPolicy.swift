package import Basics

/// How long a `RetryingStore` goes on.
package struct StoreRetryPolicy: Sendable, Hashable {
    package var backoff: Backoff
    /// The first try included.
    package var tries: Int
    /// From the first try to the beginning of the last.
    package var deadline: Duration
    /// How often a body that broke is continued.
    package var resumes: Int

    /// Ten tries within two minutes: a server that restarts is waited for, one that is gone is reported while somebody is
    /// still looking.
    package init(
        backoff: Backoff = Backoff(), tries: Int = 10, deadline: Duration = .seconds(120), resumes: Int = 5
    ) {
        precondition(tries > 0, "\(tries) tries are not even one")
        self.backoff = backoff
        self.tries = tries
        self.deadline = deadline
        self.resumes = resumes
    }
}
