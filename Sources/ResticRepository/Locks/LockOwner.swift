import Basics
import ResticFormat

/// Whether others may hold a lock at the same time.
package enum LockKind: String, Sendable, Hashable, CaseIterable {
    /// Readers and writers that only add.
    case shared
    /// Whoever deletes.
    case exclusive

    /// Whether a lock of this kind cannot stand beside one of `other`.
    func conflicts(with other: LockKind) -> Bool { self == .exclusive || other == .exclusive }
}

/// Which process on which kernel: enough to know for certain that a process ended.
///
/// A process id alone says nothing: containers with one host name (`hostNetwork`, copied names) count processes each for
/// themselves, and ids are used again. All four together name one process of all times.
/// Sources: man 5 proc, `/proc/sys/kernel/random/boot_id`, `/proc/PID/stat` field 22; man 7 pid_namespaces.
package struct ProcessIdentity: Sendable, Hashable {
    /// Of the running kernel; another one after each boot.
    package let bootID: String
    /// The inode of the namespace in which `pid` counts.
    package let pidNamespace: UInt64
    package let pid: Int32
    /// When the process began, in clock ticks after boot.
    package let startTicks: UInt64

    package init(bootID: String, pidNamespace: UInt64, pid: Int32, startTicks: UInt64) {
        self.bootID = bootID
        self.pidNamespace = pidNamespace
        self.pid = pid
        self.startTicks = startTicks
    }

    /// As a lock file carries it: `BOOT/NAMESPACE/START`.
    var text: String { "\(bootID)/\(pidNamespace)/\(startTicks)" }

    /// Nil for anything that `text` does not write.
    init?(_ text: String, pid: Int32) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, let namespace = UInt64(parts[1]), let start = UInt64(parts[2]) else {
            return nil
        }
        self.init(bootID: String(parts[0]), pidNamespace: namespace, pid: pid, startTicks: start)
    }
}

/// Who holds a lock, as the lock file tells it.
package struct LockOwner: Sendable, Hashable, CustomStringConvertible {
    package let hostname: String
    package let username: String
    package let pid: Int32
    package let uid: UInt32
    package let gid: UInt32
    /// Nil in locks of restic, which does not write it.
    package let process: ProcessIdentity?

    package init(
        hostname: String, username: String, pid: Int32, uid: UInt32 = 0, gid: UInt32 = 0,
        process: ProcessIdentity? = nil
    ) {
        self.hostname = hostname
        self.username = username
        self.pid = pid
        self.uid = uid
        self.gid = gid
        self.process = process
    }

    package var description: String { "process \(pid) of \(username.isEmpty ? "unknown" : username) on \(hostname)" }
}

/// What is known of whoever wrote a lock.
package enum OwnerState: Sendable, Hashable {
    case unknown
    /// The process ended for certain: its lock protects nobody.
    case gone
    /// No such process on the machine of that name, if it is that machine: enough for a person who asks to unlock.
    case probablyGone
}

/// A lock file as one look at the repository found it.
struct SeenLock: Sendable, Hashable {
    enum Content: Sendable, Hashable {
        case lock(kind: LockKind, time: Timestamp, owner: LockOwner, state: OwnerState)
        /// A file without bytes: a write that was cut off. It protects nobody.
        case empty
        /// Cannot be fetched or opened; it may be anybody's.
        case unreadable(String)
    }

    let id: ResticID
    /// When the store says that it was written; nil if it does not say.
    let modified: Timestamp?
    let content: Content

    /// Whether the lock protects nobody any more.
    ///
    /// Its owner ended for certain, or it was not refreshed for 30 minutes, by the clock of its owner and by that of the
    /// store both: a process that lives writes anew every 5 minutes, and one that slept looks whether its lock is still
    /// there before it goes on.
    func isDead(at now: Timestamp) -> Bool {
        switch content {
        case .empty, .unreadable: false
        case .lock(_, _, _, .gone): true
        case .lock(_, let time, _, _):
            now - time > LockTimes.staleAge && modified.map { now - $0 > LockTimes.staleAge } ?? true
        }
    }

    /// Whether `unlock` removes it: a person asked for it, so what is probable is enough. Source: restic's `unlock`.
    func isStale(at now: Timestamp) -> Bool {
        switch content {
        case .empty: true
        case .unreadable: false
        case .lock(_, let time, _, let state): state != .unknown || now - time > LockTimes.staleAge
        }
    }
}

/// The times of the protocol. Source: restic's documentation and behaviour, version 0.19.
enum LockTimes {
    static let staleAge = Duration.seconds(30 * 60)
    static let refreshInterval = Duration.seconds(5 * 60)
    /// Without a successful refresh for so long, nothing may be written before the own lock was looked at.
    static let expiry = Duration.seconds(22 * 60 + 30)
    /// Between writing a lock and looking for others: two who write at once then see each other.
    static let settling = Duration.milliseconds(200)
    /// From looking for others to having written the own lock: within so short a time nobody else can have come so far as to
    /// change anything. Half of `settling`, so that clocks need not be exact.
    static let safeHeadStart = Duration.milliseconds(100)
    static let watchInterval = Duration.seconds(1)
}
