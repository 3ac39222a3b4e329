import Basics
import Glibc
import MartletCLI
import MartletTestSupport
import ObjectStorage
import ResticFormat
import ResticRepository
import Testing

/// Snapshots that no backup makes, but that somebody may have: what is shown, restored and dumped of them.
@Suite struct `Odd snapshots` {
    private let variables = ["RESTIC_REPOSITORY": "/r", "RESTIC_PASSWORD": "martlet"]
    private static let times =
        ##""mtime":"2026-01-02T03:04:05Z","atime":"2026-01-02T03:04:05Z","ctime":"2026-01-02T03:04:05Z""##

    private static func node(_ name: String, _ type: String, _ rest: String) -> String {
        #"{"name":"\#(name)","type":"\#(type)","mode":420,\#(times),"uid":0,"gid":0,\#(rest)}"#
    }

    /// A repository whose only snapshot has a root with these nodes.
    private func store(_ nodes: [String]) async throws -> InMemoryObjectStore {
        let store = InMemoryObjectStore()
        var options = RepositoryOptions()
        options.keyParameters = .cheap
        let repository = try await Repository.initialize(
            in: store, password: Secret("martlet"), options: options,
            environment: RepositoryEnvironment(
                clock: WallClock { Timestamp(seconds: 1_780_000_000) },
                owner: LockOwner(hostname: "h", username: "u", pid: 1)))
        let text = Array(#"{"nodes":[\#(nodes.joined(separator: ","))]}"#.utf8) + [0x0A]
        let id = ResticID(hashing: text)
        try await repository.loadIndex().withBlobWriter { writer in
            try await writer.waitForRoom()
            _ = try writer.save(.tree, id: id, text)
        }
        let snapshot = SnapshotFile(time: NodeTime(seconds: 1_780_000_000), tree: id, paths: [])
        _ = try await repository.saveSnapshot(snapshot)
        return store
    }

    private func run(_ arguments: [String], _ store: InMemoryObjectStore) async -> ProgramRun {
        await ProgramRun.of(["repo"] + arguments, store: store, environment: variables)
    }

    @Test func `without anything in them are empty folders`() async throws {
        try await withTemporaryFolder { folder in
            let store = try await store([])
            let list = await run(["ls", "latest"], store)
            #expect(list.status == .done && list.output.isEmpty, "\(list)")
            let restored = await run(["restore", "latest", "--target", folder + "/t"], store)
            #expect(restored.status == .done && access(folder + "/t", F_OK) == 0, "\(restored)")
            let dumped = await run(["dump", "latest", "/"], store)
            #expect(dumped.status == .done && dumped.output.utf8.count == 1024)
            #expect(await run(["find", "*"], store).output.isEmpty)
            #expect(await run(["diff", "latest", "latest"], store).status == .done)
            #expect(await run(["check", "--read-data"], store).status == .done)
        }
    }

    @Test(arguments: ["..", "a/b", "/etc/passwd", "."])
    func `with names that lead elsewhere are shown, not restored and not dumped`(name: String) async throws {
        try await withTemporaryFolder { folder in
            let store = try await store([Self.node(name, "file", #""content":[]"#)])
            let list = await run(["ls", "latest"], store)
            #expect(list.status == .done && list.output == "/\(name)\n", "\(list)")
            let restored = await run(["restore", "latest", "--target", folder + "/t"], store)
            #expect(restored.status == .failed && restored.messages.contains("warning: "), "\(restored)")
            #expect(try TreeListing(of: folder).entries.count == 1)
            for format in ["tar", "zip"] {
                let dumped = await run(["dump", "latest", "/", "--archive", format], store)
                #expect(dumped.status == .damaged && !dumped.output.contains(name + "\0"), "\(dumped.messages)")
            }
        }
    }

    @Test func `that lost a piece say so`() async throws {
        try await withTemporaryFolder { folder in
            let lost = String(repeating: "ab", count: 32)
            let store = try await store([
                Self.node("file", "file", #""size":5,"content":["\#(lost)"]"#),
                Self.node("folder", "dir", #""content":null,"subtree":"\#(lost)""#),
            ])
            let restored = await run(["restore", "latest", "--target", folder + "/t"], store)
            #expect(restored.status == .failed || restored.status == .damaged, "\(restored)")
            #expect(restored.messages.contains(lost), "\(restored)")
            for line in [["dump", "latest", "/file"], ["dump", "latest", "/"], ["ls", "latest"], ["find", "x"]] {
                let run = await run(line, store)
                #expect(run.status == .damaged && run.messages.contains(lost.prefix(8)), "\(run)")
            }
            #expect(await run(["check"], store).status == .damaged)
        }
    }

    @Test func `with kinds that nobody knows are shown, and what can be is restored`() async throws {
        try await withTemporaryFolder { folder in
            let store = try await store(
                ["a", "b", "c"].enumerated().map { place, name in
                    Self.node(
                        name, ["socket", "irregular", "file"][place], #""content":\#(place == 2 ? "[]" : "null")"#)
                })
            let list = await run(["ls", "latest"], store)
            #expect(list.status == .done && list.output == "/a\n/b\n/c\n", "\(list)")
            _ = await run(["restore", "latest", "--target", folder + "/t"], store)
            #expect(access(folder + "/t/c", F_OK) == 0 && access(folder + "/t/a", F_OK) != 0)
            let dumped = await run(["dump", "latest", "/"], store)
            #expect(dumped.status == .done && dumped.output.utf8.count == 512 * 3, "\(dumped.messages)")
        }
    }
}
