import CLinux
import Glibc
import NIOCore
import Synchronization

/// A file that is being written beside the place where it will appear. Goes away unless it is committed.
final class PendingFile: Sendable {
    let file: Descriptor
    let folder: Descriptor
    private let name: String
    private let isGone = Atomic(false)

    /// Counts temporary names and ticks of file times, for the whole process.
    private static let counter = Atomic<UInt64>(0)

    /// - Throws: `ENOENT` if `folder` was removed since it was opened.
    init(in folder: Descriptor) throws(SystemError) {
        self.folder = folder
        var opened: (Int32, String)?
        while opened == nil {
            let count = PendingFile.counter.wrappingAdd(1, ordering: .relaxed).newValue
            let name = "\(FolderPath.temporaryPrefix)\(getpid())-\(count)"
            do {
                let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
                opened = (try systemCall { openat(folder.raw, name, flags, 0o600) }, name)
            } catch let error where error.number == EEXIST {
                // Left by an older process with this number; the next name is free some time.
            }
        }
        let (raw, name) = opened!
        file = Descriptor(raw)
        self.name = name
    }

    deinit { remove() }

    func write(_ bytes: ByteBuffer, at offset: Int64) throws(SystemError) {
        var bytes = bytes
        var offset = offset
        if bytes.isAlignedForDirectTransfer, offset.isMultiple(of: Int64(DirectTransfer.alignment)) {
            let count = writeDirectly(bytes, at: offset)
            bytes.moveReaderIndex(forwardBy: count)
            offset += Int64(count)
        }
        while bytes.readableBytes > 0 {
            let count = try systemCall {
                bytes.withUnsafeReadableBytes { pwrite(file.raw, $0.baseAddress, $0.count, off_t(offset)) }
            }
            bytes.moveReaderIndex(forwardBy: count)
            offset += Int64(count)
        }
    }

    /// Writes as much as the file system takes past the page cache, whole blocks from the beginning of `bytes`. What goes
    /// wrong here shows when the rest is written the ordinary way.
    /// - Returns: bytes written.
    private func writeDirectly(_ bytes: ByteBuffer, at offset: Int64) -> Int {
        // A descriptor of its own: other parts may be written the ordinary way meanwhile.
        let raw = openat(folder.raw, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | Int32(linux_O_DIRECT))
        guard raw >= 0 else { return 0 }
        let direct = Descriptor(raw)
        let whole = bytes.readableBytes & ~(DirectTransfer.alignment - 1)
        var done = 0
        while done < whole {
            let count = bytes.withUnsafeReadableBytes { space in
                pwrite(direct.raw, space.baseAddress! + done, whole - done, off_t(offset) + off_t(done))
            }
            guard count > 0, count.isMultiple(of: DirectTransfer.alignment) else { return done + max(0, count) }
            done += count
        }
        return done
    }

    /// Makes the file durable and gives it a time that no other write of this process has: file times of one clock tick
    /// would be equal otherwise, and with them the tags of two contents.
    func finish() throws(SystemError) {
        let tick = PendingFile.counter.wrappingAdd(1, ordering: .relaxed).newValue
        var modified = try FolderTree.status(of: file).st_mtim
        modified.tv_nsec = modified.tv_nsec / 1_000_000 * 1_000_000 + Int(tick % 1_000_000)
        let times = [modified, modified]
        _ = try systemCall { futimens(file.raw, times) }
        try FolderTree.sync(file)
    }

    /// Puts the file in the place of whatever is called `name`.
    func replace(_ name: String) throws(SystemError) {
        _ = try systemCall { renameat(folder.raw, self.name, folder.raw, name) }
        isGone.store(true, ordering: .relaxed)
    }

    /// Puts the file in its place, unless something is there: `EEXIST`.
    func link(_ name: String) throws(SystemError) {
        _ = try systemCall { linkat(folder.raw, self.name, folder.raw, name, 0) }
        remove()
    }

    func remove() {
        guard !isGone.exchange(true, ordering: .relaxed) else { return }
        unlinkat(folder.raw, name, 0)
    }
}
