import Glibc

/// This process, as locks name it, and what this machine knows of others. Source: man 5 proc.
package enum LocalProcess {
    /// - Parameter hostname: as `--host` says; nil for the machine's name.
    package static func owner(hostname: String? = nil) -> LockOwner {
        LockOwner(
            hostname: hostname ?? machineName(), username: userName(), pid: getpid(), uid: getuid(), gid: getgid(),
            process: identity(of: getpid()))
    }

    /// Whether the writer of a lock ended, as far as this machine can know it.
    ///
    /// Certain for a process of this kernel and this namespace of process ids, the only place where an id means the same.
    /// Probable if only the host's name is equal, and no process here has the id.
    package static func state(of other: LockOwner) -> OwnerState {
        let own = identity(of: getpid())
        if let process = other.process, let own, process.bootID == own.bootID,
            process.pidNamespace == own.pidNamespace
        {
            return startTicks(of: process.pid) == process.startTicks ? .unknown : .gone
        }
        let isHere = other.hostname == machineName() && other.process == nil
        return isHere && kill(other.pid, 0) != 0 && errno == ESRCH ? .probablyGone : .unknown
    }

    private static func identity(of pid: Int32) -> ProcessIdentity? {
        guard let boot = text(of: "/proc/sys/kernel/random/boot_id")?.split(separator: "\n").first,
            let start = startTicks(of: pid)
        else { return nil }
        var status = stat()
        guard stat("/proc/self/ns/pid", &status) == 0 else { return nil }
        return ProcessIdentity(
            bootID: String(boot), pidNamespace: UInt64(status.st_ino), pid: pid, startTicks: start)
    }

    /// Field 22 of the process's line; nil if there is no such process. Fields are counted after the name, which may hold
    /// anything, parentheses too.
    private static func startTicks(of pid: Int32) -> UInt64? {
        guard pid > 0, let line = text(of: "/proc/\(pid)/stat"), let end = line.lastIndex(of: ")") else { return nil }
        let fields = line[line.index(after: end)...].split(separator: " ")
        return fields.count > 19 ? UInt64(fields[19]) : nil
    }

    private static func machineName() -> String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func userName() -> String {
        guard let entry = getpwuid(getuid()), let name = entry.pointee.pw_name else { return "" }
        return String(cString: name)
    }

    /// A small file of the kernel's.
    private static func text(of path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
