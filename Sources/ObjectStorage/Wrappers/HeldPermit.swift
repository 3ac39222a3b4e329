import Synchronization

/// A permit that can be given back before its holder goes.
final class HeldPermit: Sendable {
    private let permit: Mutex<Permits.Permit?>

    init(_ permit: Permits.Permit) { self.permit = Mutex(permit) }

    func drop() {
        // Taken out first: giving back wakes another task, which must not happen under the lock.
        let permit = permit.withLock { permit in
            defer { permit = nil }
            return permit
        }
        withExtendedLifetime(permit) {}
    }
}
