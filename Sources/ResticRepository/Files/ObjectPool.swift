import Synchronization

/// Things that cost time to make and that one task at a time may use, such as the contexts of zstd. Holds as many as were
/// ever in use at once.
final class ObjectPool<Element: Sendable>: Sendable {
    private let free = Mutex<[Element]>([])

    /// One that is free, or a new one.
    func take<Failure: Error>(orMake make: () throws(Failure) -> Element) throws(Failure) -> Element {
        if let element = free.withLock({ $0.popLast() }) { return element }
        return try make()
    }

    func giveBack(_ element: Element) { free.withLock { $0.append(element) } }
}
