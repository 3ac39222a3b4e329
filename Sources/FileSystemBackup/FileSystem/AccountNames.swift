import Glibc
import Synchronization

/// Names of users and groups by number and back, from the system's own lists; each is asked for once.
/// Memory: one entry for each number or name that was asked for.
package final class AccountNames: Sendable {
    private struct State {
        var users: [UInt32: String] = [:]
        var groups: [UInt32: String] = [:]
        var userNumbers: [String: UInt32?] = [:]
        var groupNumbers: [String: UInt32?] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// Empty if the number has no name.
    package func user(_ number: UInt32) -> String {
        state.withLock { state in
            if let known = state.users[number] { return known }
            let name = AccountNames.lookUpUser(number)
            state.users[number] = name
            return name
        }
    }

    /// Empty if the number has no name.
    package func group(_ number: UInt32) -> String {
        state.withLock { state in
            if let known = state.groups[number] { return known }
            let name = AccountNames.lookUpGroup(number)
            state.groups[number] = name
            return name
        }
    }

    package func userNumber(_ name: String) -> UInt32? {
        state.withLock { state in
            if let known = state.userNumbers[name] { return known }
            let number = name.isEmpty ? nil : getpwnam(name)?.pointee.pw_uid
            state.userNumbers[name] = .some(number)
            return number
        }
    }

    package func groupNumber(_ name: String) -> UInt32? {
        state.withLock { state in
            if let known = state.groupNumbers[name] { return known }
            let number = name.isEmpty ? nil : getgrnam(name)?.pointee.gr_gid
            state.groupNumbers[name] = .some(number)
            return number
        }
    }

    /// Larger than any line of these lists that people keep.
    private static let lineSize = 64 << 10

    private static func lookUpUser(_ number: UInt32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: lineSize) { line in
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            guard getpwuid_r(number, &entry, line.baseAddress!, line.count, &found) == 0, found != nil else {
                return ""
            }
            return String(cString: entry.pw_name)
        }
    }

    private static func lookUpGroup(_ number: UInt32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: lineSize) { line in
            var entry = Glibc.group()
            var found: UnsafeMutablePointer<Glibc.group>?
            guard getgrgid_r(number, &entry, line.baseAddress!, line.count, &found) == 0, found != nil else {
                return ""
            }
            return String(cString: entry.gr_name)
        }
    }
}
