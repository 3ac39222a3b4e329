/// Notices a listing whose tokens repeat, as a store with a bug gives them: it would never end.
///
/// One token is remembered, and another one after twice as many pages each time (Brent's algorithm): a circle of n pages is
/// noticed within 3n pages of its begin. Source: Brent, "An improved Monte Carlo factorization algorithm", BIT 1980.
struct ListProgress: Sendable {
    private var remembered: String?
    private var pages = 0
    private var limit = 1

    /// - Parameter token: where the listing goes on; nil at its end.
    /// - Throws: `.invalid` if it has been there before.
    mutating func advance(to token: String?, prefix: String, in location: String) throws(StoreError) {
        guard let token else { return }
        guard token != remembered else {
            throw StoreError(.invalid, "the listing of '\(prefix)' in \(location) goes round in circles")
        }
        pages += 1
        guard pages == limit else { return }
        remembered = token
        pages = 0
        limit *= 2
    }
}
