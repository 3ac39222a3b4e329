/// A file of `locks/`: somebody is at work.
package struct LockFile: Sendable, Hashable {
    package var time: NodeTime
    package var isExclusive: Bool
    package var hostname: String
    package var username: String
    package var processID: Int
    package var userID: UInt32
    package var groupID: UInt32
    /// Which process of all times this is, in the writer's own words; empty if it does not say. An addition of Martlet,
    /// which restic passes over.
    package var process = ""

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

    /// The bound of a lock's JSON: real ones have about 150 bytes.
    package static let maximumLength = 1 << 20

    /// - Throws: `malformed`.
    package init(decoding json: [UInt8]) throws(FormatError) {
        self.init(time: .zero, isExclusive: false, hostname: "", username: "", processID: 0)
        var lock = self
        try json.withRawBytes { bytes throws(FormatError) in
            var reader = JSONReader(bytes)
            try lock.read(&reader)
        }
        self = lock
    }

    package func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 256)
        writer.append(#"{"time":"#)
        writer.append(time)
        writer.append(isExclusive ? #","exclusive":true,"hostname":"# : #","exclusive":false,"hostname":"#)
        writer.append(json: hostname)
        writer.append(#","username":"#)
        writer.append(json: username)
        writer.append(#","pid":"#)
        writer.append(decimal: Int64(processID))
        writer.append(omittingZero: UInt64(userID), #","uid":"#)
        writer.append(omittingZero: UInt64(groupID), #","gid":"#)
        if !process.isEmpty {
            writer.append(#","martlet_process":"#)
            writer.append(json: process)
        }
        writer.append("}")
        return writer.bytes()
    }

    private mutating func read(_ reader: inout JSONReader) throws(FormatError) {
        var isFirst = true
        var hasTime = false
        try reader.beginObject()
        while let key = try reader.nextKey(&isFirst) {
            if key == "time" {
                time = try reader.time()
                hasTime = true
            } else if key == "exclusive" {
                isExclusive = try reader.bool()
            } else if key == "pid" {
                processID = try reader.signedNumber()
            } else {
                try readOwner(key, &reader)
            }
        }
        try reader.expectEnd()
        guard hasTime else { throw FormatError(.malformed, "the lock has no time") }
    }

    private mutating func readOwner(_ key: JSONKey, _ reader: inout JSONReader) throws(FormatError) {
        if key == "hostname" {
            hostname = try reader.string()
        } else if key == "username" {
            username = try reader.string()
        } else if key == "uid" {
            userID = try reader.number32()
        } else if key == "gid" {
            groupID = try reader.number32()
        } else if key == "martlet_process" {
            process = try reader.string()
        } else {
            try reader.skipValue()
        }
    }
}
