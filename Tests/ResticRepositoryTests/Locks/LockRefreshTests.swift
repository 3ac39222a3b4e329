import Basics
import MartletTestSupport
import ObjectStorage
import ResticFormat
import ResticRepository
import Testing

@Suite struct `A lock that is held for long` {
    @Test func `is written anew every five minutes`() async throws {
        let clock = ManualClock()
        let repository = try await makeRepository(environment: .test(clock))
        try await repository.withLock(.shared) {
            let first = try await repository.files.list(.lock)
            clock.advance(.seconds(301))
            while try await repository.files.list(.lock).map(\.id) == first.map(\.id) { await Task.yield() }
            while try await repository.files.list(.lock).count != 1 { await Task.yield() }
            let second = try await repository.files.list(.lock)
            #expect(try await repository.loadLock(second[0].id).time.instant == clock.wall.now())
        }
        #expect(try await repository.files.list(.lock).isEmpty)
    }

    @Test func `is found again after a long sleep`() async throws {
        let clock = ManualClock()
        let repository = try await makeRepository(environment: .test(clock))
        try await repository.withLock(.exclusive) {
            let first = try await repository.files.list(.lock)
            clock.advance(.seconds(3600))
            while try await repository.files.list(.lock).map(\.id) == first.map(\.id) { await Task.yield() }
            try await repository.loadIndex().backUp(TestFile.random(2, seed: 1))
        }
        #expect(try await repository.snapshots().count == 1)
        #expect(try await repository.files.list(.lock).isEmpty)
    }

    @Test func `that was removed during a long sleep ends the work, and nothing is written`() async throws {
        let clock = ManualClock()
        let repository = try await makeRepository(environment: .test(clock))
        let error = await #expect(throws: RepositoryError.self) {
            try await repository.withLock(.exclusive) {
                let locks = try await repository.files.list(.lock)
                _ = try await repository.files.remove(.lock, locks.map(\.id))
                clock.advance(.seconds(3600))
                while !Task.isCancelled { await Task.yield() }
                try await repository.loadIndex().backUp(TestFile.random(2, seed: 1))
            }
        }
        #expect(error?.code == .lockLost)
        #expect(try await reopen(repository.files.store).snapshots().isEmpty)
    }
}
