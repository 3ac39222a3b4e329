import Basics
import MartletCLI
import MartletTestSupport
import ObjectStorage
import ResticRepository
import Testing

/// `martlet repo` against repositories that others wrote.
@Suite struct `Repositories` {
    private let password = ["RESTIC_REPOSITORY": "/r", "RESTIC_PASSWORD": "martlet"]

    private func keys(_ store: InMemoryObjectStore, _ prefix: String) async throws -> Int {
        var count = 0
        for try await _ in store.objects(prefix: prefix) { count += 1 }
        return count
    }

    @Test(arguments: [
        "repo snapshots --no-lock", "repo snapshots --json", "repo snapshots latest --json", "repo ls latest",
        "repo ls -l latest", "repo ls latest --json", "repo cat config", "repo cat snapshot latest",
        "repo cat masterkey",
        "repo cat tree latest", "repo cat key 2cae", "repo cat index c352", "repo list blobs", "repo list packs",
        "repo list index", "repo list snapshots", "repo list keys", "repo list locks", "repo key list",
        "repo key list --json", "repo check --read-data", "repo check --json",
        "repo cat blob 2668cd37139e6847d294cb9b977804a03dd0574e5bb7fe9c78f8b641735c0fe7",
    ])
    func `show what is in them`(commandLine: String) async throws {
        let store = try await KnownStore.repository()
        let run = await ProgramRun.of(commandLine, store: store, environment: password)
        #expect(run.status == .done, "\(run.messages)")
        expectSnapshot(
            run.output, "known-" + commandLine.split(separator: " ").map { $0.prefix(12) }.joined(separator: "-"))
        // The lock is gone again.
        #expect(try await keys(store, "locks/") == 0)
    }

    @Test func `of Velero open with its password`() async throws {
        let store = try await KnownStore.velero()
        let environment = ["RESTIC_REPOSITORY": "/r", "RESTIC_PASSWORD": "static-passw0rd"]
        let run = await ProgramRun.of("repo ls latest --no-lock", store: store, environment: environment)
        #expect(run.status == .done, "\(run.messages)")
        expectSnapshot(run.output, "velero-1.1-repo-ls-latest")
    }

    @Test(arguments: [
        ("repo snapshots", "Martlet", MartletCLI.ExitStatus.wrongKey), ("repo cat snapshot ab", "martlet", .notFound),
        ("repo cat snapshot", "martlet", .usage), ("repo cat config x", "martlet", .usage),
        ("repo ls latest:nowhere", "martlet", .notFound), ("repo ls latest folder", "martlet", .usage),
        ("repo key remove 2cae", "martlet", .usage), ("repo init", "martlet", .failed),
        ("repo snapshots --latest 0", "martlet", .usage), ("repo snapshots --repo sftp:host:/x", "martlet", .usage),
        ("repo snapshots --host other latest", "martlet", .notFound),
    ])
    func `refuse with the right status`(
        _ commandLine: String, _ password: String, _ status: MartletCLI.ExitStatus
    ) async throws {
        let environment = ["RESTIC_REPOSITORY": "/r", "RESTIC_PASSWORD": password]
        let store = try await KnownStore.repository()
        let run = await ProgramRun.of(commandLine, store: store, environment: environment)
        #expect(run.status == status, "\(run.messages)")
        #expect(run.output.isEmpty && run.messages.hasPrefix("error: "))
        #expect(try await keys(store, "locks/") == 0)
    }

    @Test func `that are none have their own status, in JSON too`() async {
        let run = await ProgramRun.of("repo snapshots", environment: password)
        #expect(run.status == .noRepository && run.messages.contains("martlet repo init"))
        let json = await ProgramRun.of("repo snapshots --json", environment: password)
        #expect(json.status == .noRepository && json.output.isEmpty)
        #expect(json.messages.hasPrefix(#"{"message_type":"exit_error","code":10,"message":"Fatal: there is no repo"#))
    }

    @Test func `are made, opened, locked and unlocked`() async throws {
        let store = InMemoryObjectStore()
        let made = await ProgramRun.of("repo init", store: store, environment: password)
        #expect(made.status == .done && made.output.hasPrefix("created the repository "), "\(made.messages)")
        let again = await ProgramRun.of("repo init", store: store, environment: password)
        #expect(again.status == .failed)
        let empty = await ProgramRun.of("repo snapshots", store: store, environment: password)
        #expect(empty.status == .done && empty.output.isEmpty && empty.messages.contains("no such snapshots"))
        let json = await ProgramRun.of("repo snapshots --json", store: store, environment: password)
        #expect(json.status == .done && json.output == "[]\n")
        let unlocked = await ProgramRun.of("repo unlock", store: store, environment: password)
        #expect(unlocked.status == .done && unlocked.output == "removed 0 locks\n")
    }

    @Test(arguments: [
        "repo --repo /r snapshots --no-lock", "repo -r /r --no-lock snapshots", "repo --repository-file place key list",
        "repo --repo=/r --no-cache --json key list",
    ])
    func `are named before the verb too`(commandLine: String) async throws {
        let store = try await KnownStore.repository()
        let run = await ProgramRun.of(commandLine, store: store, environment: ["RESTIC_PASSWORD": "martlet"])
        #expect(run.status == .done, "\(run.messages)")
    }

    @Test func `of version 1, and with the cutting of another`() async throws {
        let store = InMemoryObjectStore()
        let made = await ProgramRun.of("repo init --repository-version 1 --json", store: store, environment: password)
        #expect(made.status == .done && made.output.hasPrefix(#"{"message_type":"initialized","id":""#))
        let config = await ProgramRun.of("repo cat config", store: store, environment: password)
        #expect(config.output.contains(#""version": 1"#), "\(config)")
        let wrong = await ProgramRun.of("repo init --repository-version 3", store: store, environment: password)
        #expect(wrong.status == .usage)
    }

    @Test func `get other passwords`() async throws {
        let store = try await KnownStore.repository()
        var environment = password
        environment["MARTLET_NEW_PASSWORD"] = "second"
        let added = await ProgramRun.of("repo key add --user me --host there", store: store, environment: environment)
        #expect(added.status == .done && added.output.hasPrefix("added the key "), "\(added.messages)")
        let second = ["RESTIC_REPOSITORY": "/r", "RESTIC_PASSWORD": "second", "MARTLET_NEW_PASSWORD": "third"]
        let list = await ProgramRun.of("repo key list", store: store, environment: second)
        #expect(list.output.contains("2cae9929") && list.output.contains("me     there"), "\(list)")
        let removed = await ProgramRun.of("repo key remove 2cae9929", store: store, environment: second)
        #expect(removed.status == .done, "\(removed.messages)")
        #expect(await ProgramRun.of("repo key list", store: store, environment: password).status == .wrongKey)
        let changed = await ProgramRun.of("repo key passwd", store: store, environment: second)
        #expect(changed.status == .done, "\(changed.messages)")
        #expect(await ProgramRun.of("repo key list", store: store, environment: second).status == .wrongKey)
        let third = ["RESTIC_REPOSITORY": "/r", "RESTIC_PASSWORD": "third"]
        #expect(await ProgramRun.of("repo key list", store: store, environment: third).status == .done)
    }
}
