package import ResticFormat
import Synchronization

/// What a backup tells while it runs. Called from several tasks at once; must return soon.
package typealias BackupObserver = @Sendable (BackupEvent) -> Void

package enum BackupEvent: Sendable {
    /// The content of a file is being read.
    case reading(LocalPath)
    /// An item is done.
    case finished(FinishedItem)
    /// An item was left out, or is in the snapshot in a state that it may never have had. The backup ends with exit code 3.
    case problem(ItemProblem)
    /// An item was there when its folder was listed, and gone when its turn came.
    case vanished(LocalPath)
}

package struct FinishedItem: Sendable {
    package enum Change: String, Sendable {
        case new
        case changed = "modified"
        case unmodified = "unchanged"
    }

    package let path: LocalPath
    package let kind: NodeKind
    package let change: Change
    /// In bytes; files only.
    package let size: UInt64
}

/// What a backup has done so far, or did.
package struct BackupCounts: Sendable, Hashable {
    package var filesNew: UInt64 = 0
    package var filesChanged: UInt64 = 0
    package var filesUnmodified: UInt64 = 0
    package var foldersNew: UInt64 = 0
    package var foldersChanged: UInt64 = 0
    package var foldersUnmodified: UInt64 = 0
    /// Symbolic links, devices and pipes.
    package var others: UInt64 = 0
    package var problems: UInt64 = 0
    /// Of files, in bytes.
    package var bytes: UInt64 = 0
    package var newDataBlobs: UInt64 = 0
    package var newTreeBlobs: UInt64 = 0
    /// Of new blobs, in bytes, before compression and as stored.
    package var addedBytes: UInt64 = 0
    package var storedBytes: UInt64 = 0

    package var files: UInt64 { filesNew + filesChanged + filesUnmodified }

    package init() {}
}

/// The counts of a running backup, to be looked at from anywhere.
package final class BackupProgress: Sendable {
    private let state = Mutex(BackupCounts())

    package init() {}

    package var counts: BackupCounts { state.withLock { $0 } }

    func add(_ item: FinishedItem) {
        state.withLock { counts in
            switch (item.kind, item.change) {
            case (.file, .new): counts.filesNew += 1
            case (.file, .changed): counts.filesChanged += 1
            case (.file, .unmodified): counts.filesUnmodified += 1
            case (.directory, .new): counts.foldersNew += 1
            case (.directory, .changed): counts.foldersChanged += 1
            case (.directory, .unmodified): counts.foldersUnmodified += 1
            default: counts.others += 1
            }
        }
    }

    /// Counts bytes of files, read or known from before.
    func addRead(bytes: Int) { state.withLock { $0.bytes += UInt64(bytes) } }

    func addProblem() { state.withLock { $0.problems += 1 } }

    func add(_ kind: BlobKind, length: Int, _ answer: SinkAnswer) {
        guard answer.isNew else { return }
        state.withLock { counts in
            if kind == .data { counts.newDataBlobs += 1 } else { counts.newTreeBlobs += 1 }
            counts.addedBytes += UInt64(length)
            counts.storedBytes += UInt64(answer.storedLength)
        }
    }
}
