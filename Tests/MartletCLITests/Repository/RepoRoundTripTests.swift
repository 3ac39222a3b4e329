import Glibc
import MartletCLI
import MartletTestSupport
import ObjectStorage
import Testing

/// Folders of this machine into a repository and back, by the command line.
@Suite struct `A folder` {
    private let variables = ["RESTIC_REPOSITORY": "/r", "RESTIC_PASSWORD": "martlet", "RESTIC_HOST": "here"]

    private func run(_ arguments: [String], _ store: InMemoryObjectStore) async -> ProgramRun {
        await ProgramRun.of(["repo"] + arguments, store: store, environment: variables)
    }

    @Test(arguments: 0..<3)
    func `comes back as it was`(seed: Int) async throws {
        try await withTemporaryFolder { folder in
            let store = InMemoryObjectStore()
            let source = folder + "/source"
            #expect(mkdir(source, 0o700) == 0)
            var generator = TreeGenerator(seed: UInt64(seed) + 500)
            try generator.fill(source)
            #expect(await run(["init"], store).status == .done)
            let saved = await run(["backup", source, "--tag", "a,b"], store)
            #expect(saved.status == .done && saved.output.contains("saved the snapshot "), "\(saved.messages)")
            let target = folder + "/target"
            let restored = await run(["restore", "latest:" + source, "--target", target, "--verify"], store)
            #expect(restored.status == .done, "\(restored.messages)")
            #expect(try TreeListing(of: target).differences(from: TreeListing(of: source)) == [])
            let again = await run(["backup", source, "--json"], store)
            #expect(again.status == .done && again.output.contains(#""files_new":0,"files_changed":0,"#), "\(again)")
            let check = await run(["check", "--read-data"], store)
            #expect(check.status == .done && check.output.contains("no damage"), "\(check)")
        }
    }

    @Test func `of Velero's restic comes back`() async throws {
        try await withTemporaryFolder { folder in
            let store = try await KnownStore.velero()
            let environment = ["RESTIC_REPOSITORY": "/r", "RESTIC_PASSWORD": "static-passw0rd"]
            let run = await ProgramRun.of(
                ["repo", "restore", "latest", "--target", folder + "/t", "--no-lock"], store: store,
                environment: environment)
            #expect(run.status == .done, "\(run.messages)")
            #expect(try Fixtures.bytes(folder + "/t/a/numbers.txt").count > 0)
            #expect(try Fixtures.bytes(folder + "/t/empty").isEmpty)
        }
    }

    @Test func `loses old snapshots by a policy, and what only they had`() async throws {
        try await withTemporaryFolder { folder in
            let store = InMemoryObjectStore()
            #expect(await run(["init"], store).status == .done)
            for day in 1...5 {
                let file = folder + "/file"
                try write(String(repeating: "day \(day)\n", count: 1000), to: file)
                let saved = await run(["backup", file, "--time", "2026-11-0\(day)T10:00:00Z"], store)
                #expect(saved.status == .done, "\(saved.messages)")
            }
            let plan = await run(["forget", "--keep-last", "2", "--dry-run"], store)
            #expect(plan.status == .done && plan.output.contains("would forget 3 snapshots"), "\(plan)")
            let forgotten = await run(["forget", "--keep-last", "2", "--prune"], store)
            #expect(forgotten.status == .done && forgotten.output.contains("forgot 3 snapshots"), "\(forgotten)")
            let left = await run(["list", "snapshots"], store)
            #expect(left.output.split(separator: "\n").count == 2)
            let pruned = await run(["prune", "--max-unused", "0", "--json"], store)
            #expect(pruned.status == .done && pruned.output.contains(#""message_type":"summary""#), "\(pruned)")
            let stats = await run(["stats", "--json"], store)
            #expect(stats.status == .done && stats.output.contains(#""snapshots_count":2"#), "\(stats)")
            #expect(await run(["check", "--read-data"], store).status == .done)
        }
    }

    @Test func `is only looked at by a dry run`() async throws {
        try await withTemporaryFolder { folder in
            let store = InMemoryObjectStore()
            #expect(await run(["init"], store).status == .done)
            try write("x", to: folder + "/file")
            let dry = await run(["backup", folder, "--dry-run"], store)
            #expect(dry.status == .done && dry.output.contains("would add"), "\(dry)")
            #expect(await run(["snapshots", "--json"], store).output == "[]\n")
            #expect(await run(["backup", folder], store).status == .done)
            let restored = await run(["restore", "latest", "--target", folder + "/t", "--dry-run"], store)
            #expect(restored.status == .done && restored.output.contains("create "), "\(restored)")
            #expect(access(folder + "/t", F_OK) != 0)
        }
    }

    @Test(arguments: [
        ["backup"], ["backup", "/nowhere-at-all"], ["restore", "latest"], ["forget"], ["forget", "--keep-last", "x"],
        ["prune", "--max-unused", "x"], ["stats", "--mode", "x"],
        ["restore", "latest", "--target", "/t", "--overwrite", "x"],
    ])
    func `needs a right command line`(arguments: [String]) async {
        let store = InMemoryObjectStore()
        #expect(await run(["init"], store).status == .done)
        let run = await run(arguments, store)
        #expect(run.status == .usage || run.status == .failed && arguments.count == 2, "\(run)")
    }

    private func write(_ text: String, to path: String) throws {
        guard let file = fopen(path, "wb") else { throw MissingFixture(path: path) }
        fputs(text, file)
        fclose(file)
    }
}
