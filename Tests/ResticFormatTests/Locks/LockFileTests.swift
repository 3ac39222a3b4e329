import MartletTestSupport
import ResticFormat
import Testing

@Suite struct LockFileTests {
    @Test func `locks come back, zero owners are left out`() throws {
        let time = try #require(NodeTime("2026-03-04T05:06:07.5Z"))
        let lock = LockFile(time: time, isExclusive: true, hostname: "h", username: "u", processID: 17)
        let text = """
            {"time":"2026-03-04T05:06:07.5Z","exclusive":true,"hostname":"h","username":"u","pid":17}
            """
        #expect(String(decoding: lock.encoded(), as: UTF8.self) == text)
        #expect(try LockFile(decoding: lock.encoded()) == lock)
        var owned = lock
        owned.userID = 5
        owned.groupID = 6
        owned.isExclusive = false
        #expect(try LockFile(decoding: owned.encoded()) == owned)
        #expect(String(decoding: owned.encoded(), as: UTF8.self).hasSuffix(#""pid":17,"uid":5,"gid":6}"#))
    }

    @Test func `exclusive ones conflict with all, shared ones with exclusive ones`() throws {
        let time = try #require(NodeTime("2026-03-04T05:06:07Z"))
        var lock = LockFile(time: time, isExclusive: false, hostname: "", username: "", processID: 1)
        #expect(!lock.conflicts(withExclusive: false) && lock.conflicts(withExclusive: true))
        lock.isExclusive = true
        #expect(lock.conflicts(withExclusive: false) && lock.conflicts(withExclusive: true))
    }

    @Test func `what is no lock is refused`() {
        for text in ["", "{}", "[]", #"{"time":5}"#, #"{"time":"2026-03-04T05:06:07Z","exclusive":1}"#] {
            #expect(Sample.code { _ = try LockFile(decoding: Array(text.utf8)) } == .malformed, "\(text)")
        }
    }
}
