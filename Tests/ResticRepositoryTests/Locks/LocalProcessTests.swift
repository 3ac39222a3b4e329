import Glibc
import MartletTestSupport
import ObjectStorage
import ResticRepository
import Testing

@Suite struct `What this machine knows of the owners of locks` {
    @Test func `it is alive itself`() throws {
        let own = LocalProcess.owner()
        #expect(own.pid == getpid())
        #expect(own.process?.startTicks ?? 0 > 0)
        #expect(LocalProcess.state(of: own) == .unknown)
    }

    @Test func `a process with its number but another beginning is another, and its own is gone`() throws {
        let own = LocalProcess.owner()
        let process = try #require(own.process)
        let former = ProcessIdentity(
            bootID: process.bootID, pidNamespace: process.pidNamespace, pid: process.pid,
            startTicks: process.startTicks - 1)
        #expect(LocalProcess.state(of: owner(own, former)) == .gone)
    }

    @Test func `nothing is known of another namespace, boot or machine`() throws {
        let own = LocalProcess.owner()
        let process = try #require(own.process)
        let elsewhere = ProcessIdentity(
            bootID: process.bootID, pidNamespace: process.pidNamespace + 1, pid: 1 << 22, startTicks: 1)
        #expect(LocalProcess.state(of: owner(own, elsewhere)) == .unknown)
        let before = ProcessIdentity(
            bootID: "another", pidNamespace: process.pidNamespace, pid: 1 << 22, startTicks: 1)
        #expect(LocalProcess.state(of: owner(own, before)) == .unknown)
    }

    @Test func `a lock of restic on this host is probably left, if there is no such process`() {
        let own = LocalProcess.owner()
        let gone = LockOwner(hostname: own.hostname, username: "u", pid: 1 << 22 + 1)
        #expect(LocalProcess.state(of: gone) == .probablyGone)
        #expect(LocalProcess.state(of: LockOwner(hostname: "elsewhere", username: "u", pid: 1 << 22 + 1)) == .unknown)
        #expect(LocalProcess.state(of: LockOwner(hostname: own.hostname, username: "u", pid: getpid())) == .unknown)
    }

    @Test func `the identity survives the lock file`() async throws {
        let own = LocalProcess.owner()
        let process = try #require(own.process)
        let environment = environment(of: own) { $0.process == process ? .gone : .unknown }
        let store = InMemoryObjectStore()
        let repository = try await makeRepository(in: store, environment: environment)
        try await repository.withLock(.exclusive) {
            // Taken for gone, as a rule by another process: the lock is in nobody's way.
            try await reopen(store, environment: environment).withLock(.exclusive) {}
        }
    }

    private func environment(
        of owner: LockOwner, state: @escaping @Sendable (LockOwner) -> OwnerState
    ) -> RepositoryEnvironment {
        var environment = RepositoryEnvironment.test(state: state)
        environment.owner = owner
        return environment
    }

    private func owner(_ own: LockOwner, _ process: ProcessIdentity) -> LockOwner {
        LockOwner(hostname: own.hostname, username: own.username, pid: process.pid, process: process)
    }
}
