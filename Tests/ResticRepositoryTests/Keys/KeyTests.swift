import Basics
import MartletTestSupport
import ObjectStorage
import ResticFormat
import ResticRepository
import Testing

@Suite struct `Keys and snapshots of a repository` {
    @Test func `several passwords open it, until their keys are removed`() async throws {
        let store = InMemoryObjectStore()
        let repository = try await makeRepository(in: store)
        let second = try await repository.addKey(password: Secret("two"), parameters: .cheap, username: "u")
        let opened = try await Repository.open(store, password: Secret("two"), environment: .test())
        #expect(opened.keyID == second)
        #expect(try await opened.keys().filter(\.isCurrent).map(\.id) == [second])
        let hinted = try await Repository.open(
            store, password: testPassword, keyHint: second, environment: .test())
        #expect(hinted.keyID == repository.keyID)
        let own = await #expect(throws: RepositoryError.self) { try await opened.removeKey(second) }
        #expect(own?.code == .invalid)
        try await opened.removeKey(repository.keyID)
        let gone = await #expect(throws: RepositoryError.self) { try await reopen(store) }
        #expect(gone?.code == .wrongKey)
        let third = try await opened.changePassword(to: Secret("three"), parameters: .cheap)
        #expect(try await repository.files.list(.key).map(\.id) == [third])
    }

    @Test func `an empty password is refused`() async throws {
        let error = await #expect(throws: RepositoryError.self) {
            try await Repository.initialize(in: InMemoryObjectStore(), password: Secret(""), environment: .test())
        }
        #expect(error?.code == .invalid)
    }

    @Test func `names of snapshots are shortened as far as they are unique`() async throws {
        let repository = try await makeRepository()
        let indexed = try await repository.loadIndex()
        var ids: [ResticID] = []
        for day in 1...20 {
            ids.append(
                try await indexed.backUp(TestFile.random(1, seed: 1), time: "2026-11-\(padded(day, 2))T12:00:00Z"))
        }
        #expect(try await repository.snapshot(named: "latest").id == ids.last)
        #expect(try await repository.snapshot(named: ids[3].description).id == ids[3])
        #expect(try await repository.snapshot(named: ids[4].shortDescription).id == ids[4])
        let shared = try #require("0123456789abcdef".first { digit in ids.count { $0.description.first == digit } > 1 })
        let ambiguous = await #expect(throws: RepositoryError.self) {
            try await repository.snapshot(named: String(shared))
        }
        #expect(ambiguous?.code == .ambiguous)
        let none = await #expect(throws: RepositoryError.self) { try await repository.snapshot(named: "xyz") }
        #expect(none?.code == .notFound)
    }

    @Test func `tags change, the origin is remembered`() async throws {
        let repository = try await makeRepository()
        let indexed = try await repository.loadIndex()
        let id = try await indexed.backUp(TestFile.random(1, seed: 1), tags: ["a"])
        let old = try await repository.snapshot(named: "latest")
        #expect(try await repository.changeTags(.edit(add: ["a"], remove: []), of: old) == nil)
        let changed = try #require(try await repository.changeTags(.edit(add: ["b"], remove: ["a"]), of: old))
        let snapshots = try await repository.snapshots()
        #expect(snapshots.map(\.id) == [changed])
        #expect(snapshots[0].snapshot.tags == ["b"])
        #expect(snapshots[0].snapshot.original == id)
    }

    @Test func `filters`() async throws {
        let repository = try await makeRepository()
        let indexed = try await repository.loadIndex()
        try await indexed.backUp(TestFile.random(1, seed: 1), tags: ["a", "b"], host: "one")
        try await indexed.backUp(TestFile.random(1, seed: 1), host: "two", time: "2026-11-02T12:00:00Z")
        func count(_ change: (inout SnapshotFilter) -> Void) async throws -> Int {
            let filter = SnapshotFilter(change)
            return try await repository.snapshots().count { filter.matches($0.snapshot) }
        }
        #expect(try await count { $0.hosts = ["one"] } == 1)
        #expect(try await count { $0.hosts = ["one", "two"] } == 2)
        #expect(try await count { $0.tags = [["a", "b"]] } == 1)
        #expect(try await count { $0.tags = [["a", "c"]] } == 0)
        #expect(try await count { $0.tags = [[]] } == 1)
        #expect(try await count { $0.paths = ["/data"] } == 2)
        #expect(try await count { $0.paths = ["/other"] } == 0)
    }

    @Test func `a plan of what to forget`() async throws {
        let repository = try await makeRepository()
        let indexed = try await repository.loadIndex()
        for host in ["one", "two"] {
            for day in 1...5 {
                try await indexed.backUp(
                    TestFile.random(1, seed: 1), host: host, time: "2026-11-\(padded(day, 2))T12:00:00Z")
            }
        }
        let snapshots = try await repository.snapshots()
        let now = Timestamp("2026-11-10T00:00:00Z")!
        let plan = try ForgetPlan(snapshots, policy: KeepPolicy { $0.last = .some(2) }, now: now)
        #expect(plan.groups.map(\.key.hostname) == ["one", "two"])
        #expect(plan.forgotten.count == 6)
        #expect(plan.groups.allSatisfy { $0.kept.map(\.reasons) == [["last snapshot"], ["last snapshot"]] })
        let empty = #expect(throws: RepositoryError.self) { try ForgetPlan(snapshots, policy: KeepPolicy(), now: now) }
        #expect(empty?.code == .invalid)
        let nothing = #expect(throws: RepositoryError.self) {
            try ForgetPlan(snapshots, policy: KeepPolicy { $0.tags = [["x"]] }, now: now)
        }
        #expect(nothing?.code == .invalid)
        #expect(try await repository.removeSnapshots(plan.forgotten.map(\.id)).isEmpty)
        #expect(try await repository.snapshots().count == 4)
    }
}
