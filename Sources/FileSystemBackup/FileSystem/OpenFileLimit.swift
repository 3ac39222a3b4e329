import Glibc

/// How many files this process may have open.
package enum OpenFileLimit {
    /// Raises the limit as far as it goes without privileges: each folder of the path that is being walked is open.
    package static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max
        else { return }
        limit.rlim_cur = limit.rlim_max
        // What the kernel refuses leaves the limit as it was.
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
