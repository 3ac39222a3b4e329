import Glibc

/// How much this machine does at once.
enum Processors {
    /// Processors that are there, at least 2 and at most 16: beyond, memory and the store are the limit.
    static let count = min(max(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 2), 16)
}
