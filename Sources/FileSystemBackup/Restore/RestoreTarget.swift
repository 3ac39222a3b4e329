import CLinux
import Glibc
import Synchronization

/// The folder that is restored into, and every folder beneath it that is open just now.
///
/// Whatever names a tree has, no call leaves the target: each folder is opened from the one above it without following
/// symbolic links, or in one call that the kernel keeps beneath the target. Names with slashes never come here.
final class RestoreTarget: Sendable {
    /// As many folders stay open; others are opened again when they are needed.
    private static let openFolders = 192
    /// Longer paths are opened name by name. Source: man 7 path_resolution, PATH_MAX.
    private static let longestPath = 4000

    private struct State {
        var open: [Int: Descriptor] = [:]
        var order: [Int] = []
    }

    let path: LocalPath
    let root: Descriptor
    private let state = Mutex(State())

    /// Opens `path`, a folder; makes it, and those above it, if need be.
    init(path: LocalPath) throws(FileError) {
        self.path = path
        do throws(SystemError) {
            try RestoreTarget.makeFolders(path)
            root = try Descriptor.open(path)
        } catch {
            throw FileError(error, "opening the target", path)
        }
    }

    /// Opens `path` only if it is there.
    init?(existing path: LocalPath) throws(FileError) {
        self.path = path
        do throws(SystemError) {
            root = try Descriptor.open(path)
        } catch {
            if error.number == ENOENT { return nil }
            throw FileError(error, "opening the target", path)
        }
    }

    /// The folder at `place` of a plan, which exists.
    /// - Parameter names: from the target to the folder.
    func folder(_ place: Int, _ names: () -> [[UInt8]]) throws(SystemError) -> Descriptor {
        if place == 0 { return root }
        if let known = state.withLock({ $0.open[place] }) { return known }
        let folder = try open(names())
        keep(folder, at: place)
        return folder
    }

    /// Remembers a folder that was just made or opened.
    func keep(_ folder: Descriptor, at place: Int) {
        // The folder that leaves is closed outside the lock, by whoever uses it last.
        let dropped = state.withLock { state -> Descriptor? in
            guard state.open.updateValue(folder, forKey: place) == nil else { return nil }
            state.order.append(place)
            guard state.order.count > RestoreTarget.openFolders else { return nil }
            return state.open.removeValue(forKey: state.order.removeFirst())
        }
        _ = consume dropped
    }

    private func open(_ names: [[UInt8]]) throws(SystemError) -> Descriptor {
        let path = Array(names.joined(separator: [slash]))
        if path.count < RestoreTarget.longestPath, let folder = try openAtOnce(path) { return folder }
        var folder = root
        for name in names { folder = try folder.openFolder(name) }
        return folder
    }

    /// Nil if this kernel or sandbox does not have the call.
    private func openAtOnce(_ path: [UInt8]) throws(SystemError) -> Descriptor? {
        do {
            return Descriptor(
                try withCName(path) { (path) throws(SystemError) in
                    try systemCall { linux_open_beneath(root.raw, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0) }
                })
        } catch {
            // EAGAIN: the kernel could not rule out a race with a rename; name by name decides.
            if error.number == ENOSYS || error.number == EPERM || error.number == EAGAIN { return nil }
            throw error
        }
    }

    private static func makeFolders(_ path: LocalPath) throws(SystemError) {
        var made = LocalPath(bytes: path.isAbsolute ? [slash] : [])
        for name in path.names {
            made = made.bytes.isEmpty ? LocalPath(bytes: name) : made.appending(name)
            do {
                _ = try withCName(made.bytes) { (path) throws(SystemError) in try systemCall { mkdir(path, 0o700) } }
            } catch {
                // What is missing or in the way shows when the target is opened.
                if error.number == EROFS || error.number == EACCES || error.number == EEXIST { continue }
                throw error
            }
        }
    }
}
