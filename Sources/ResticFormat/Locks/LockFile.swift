/// A file of `locks/`: somebody is at work.
package struct LockFile: Sendable, Hashable {
    package var time: NodeTime
    package var isExclusive: Bool
    package var hostname: String
    package var username: String
    package var processID: Int
    package var userID: UInt32
    package var groupID: UInt32

    package init(
        time: NodeTime, isExclusive: Bool, hostname: String, username: String, processID: Int, userID: UInt32 = 0,
        groupID: UInt32 = 0
    ) {
        self.time = time
        self.isExclusive = isExclusive
        self.hostname = hostname
        self.username = username
        self.processID = processID
        self.userID = userID
        self.groupID = groupID
    }

    /// An exclusive lock conflicts with every other, a shared one with exclusive ones.
    package func conflicts(withExclusive wanted: Bool) -> Bool { isExclusive || wanted }

    /// - Throws: `malformed`.
    package init(decoding json: [UInt8]) throws(FormatError) {
        throw FormatError(.unsupported, "not yet")
    }

    package func encoded() -> [UInt8] { [] }
}
