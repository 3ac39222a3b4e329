import ResticFormat
import Synchronization

/// Files whose content comes in several blobs, between the first and the last of them.
///
/// At most 64 stay open, with two descriptors at most each; the others are opened again, and must then still be the same file. Memory: about 40 bytes a file.
final class OpenRestoredFiles: Sendable {
    private static let limit = 64

    private struct State {
        /// Blobs that are still to come, and the file's inode.
        var pending: [Int: (blobs: Int, inode: UInt64, isNew: Bool)] = [:]
        var open: [Int: RestoredFile] = [:]
        var order: [Int] = []
    }

    private let state = Mutex(State())

    /// - Parameter item: the file's place in the plan.
    func begin(_ item: Int, blobs: Int, inode: UInt64, isNew: Bool, _ file: RestoredFile) {
        state.withLock { $0.pending[item] = (blobs, inode, isNew) }
        keep(file, of: item)
    }

    /// Whether the file was made by this restore: only then may zeros be left out.
    func isNew(_ item: Int) -> Bool { state.withLock { $0.pending[item]?.isNew ?? false } }

    func known(_ item: Int) -> RestoredFile? { state.withLock { $0.open[item] } }

    func inode(of item: Int) -> UInt64? { state.withLock { $0.pending[item]?.inode } }

    func keep(_ file: RestoredFile, of item: Int) {
        // The file that leaves is closed outside the lock.
        let dropped = state.withLock { state -> RestoredFile? in
            guard state.open.updateValue(file, forKey: item) == nil else { return nil }
            state.order.append(item)
            guard state.order.count > OpenRestoredFiles.limit else { return nil }
            return state.open.removeValue(forKey: state.order.removeFirst())
        }
        _ = consume dropped
    }

    /// Counts a blob as written; true after the last one.
    func finishBlob(of item: Int) -> Bool {
        state.withLock { state in
            guard let (blobs, inode, isNew) = state.pending[item] else { return false }
            if blobs > 1 {
                state.pending[item] = (blobs - 1, inode, isNew)
                return false
            }
            state.pending[item] = nil
            return true
        }
    }

    /// The file is complete: closed when the caller lets go of it.
    func end(_ item: Int) {
        let dropped = state.withLock { state -> RestoredFile? in
            state.order.removeAll { $0 == item }
            return state.open.removeValue(forKey: item)
        }
        _ = consume dropped
    }
}
