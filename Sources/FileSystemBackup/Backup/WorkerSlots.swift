import Synchronization

/// How many pieces of work run beside the one that hands them out. Whoever finds no slot does the piece itself, so work
/// never waits for a slot and nothing can lock up; the bound is also that of the memory that pieces hold.
final class WorkerSlots: Sendable {
    private let free: Atomic<Int>

    init(_ count: Int) { free = Atomic(count) }

    func tryTake() -> Bool {
        var known = free.load(ordering: .relaxed)
        while known > 0 {  // Ends when a slot is taken or none is left.
            let (isDone, found) = free.weakCompareExchange(
                expected: known, desired: known - 1, ordering: .acquiringAndReleasing)
            if isDone { return true }
            known = found
        }
        return false
    }

    func giveBack() { free.add(1, ordering: .releasing) }
}
