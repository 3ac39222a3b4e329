import Glibc
package import ResticFormat

/// The time zone of this machine, from TZ or /etc/localtime as the C library reads them.
package enum SystemZone {
    /// Read once: a tree is written in the zone that the process began with.
    package static let table: ZoneTable = {
        tzset()
        return ZoneTable { instant in
            var seconds = time_t(instant)
            var local = tm()
            guard localtime_r(&seconds, &local) != nil else { return 0 }
            return Int32(local.tm_gmtoff)
        }
    }()
}
