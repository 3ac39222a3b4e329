import Basics
import MartletCLI
import NIOCore
import ObjectStorage
import Synchronization
import Testing

/// A server `backup` with a bucket `b`, in memory.
private struct Scene {
    let bucket: InMemoryObjectStore
    let folder = InMemoryObjectStore()
    let other = InMemoryObjectStore()
    let shelf: StoreShelf
    private let now: SteppedTime

    init(_ objects: [String: String] = [:], versioning: BucketVersioning = .never) async throws {
        let now = SteppedTime()
        self.now = now
        bucket = InMemoryObjectStore(clock: WallClock { now.time }, versioning: versioning)
        shelf = StoreShelf(buckets: ["backup/b": bucket, "backup/other": other], folders: ["./dir": folder])
        for (key, text) in objects.sorted(by: { $0.key < $1.key }) { try await put(key, text) }
    }

    func put(_ key: String, _ text: String, _ options: PutOptions = PutOptions()) async throws {
        now.step()
        _ = try await bucket.put(ByteBuffer(string: text), at: ObjectKey(key)!, options: options)
    }

    func run(_ arguments: String, answer: String? = nil) async -> ProgramRun {
        await ProgramRun.of(
            arguments, environment: ["MC_HOST_backup": "http://radar:secret99@minio:9000"], answer: answer, shelf: shelf
        )
    }

    static func keys(_ store: InMemoryObjectStore) async throws -> [String] {
        var keys: [String] = []
        for try await object in store.objects() { keys.append(object.key.text) }
        return keys
    }
}

/// A minute later at each step, from 2026-11-20T00:00 on.
private final class SteppedTime: Sendable {
    private let minutes = Mutex<Int64>(0)

    func step() { minutes.withLock { $0 += 1 } }

    var time: Timestamp { Timestamp("2026-11-20T00:00:00Z")! + .seconds(60 * minutes.withLock { $0 }) }
}

@Suite struct `martlet bucket ls` {
    @Test func `shows one level, as mc does`() async throws {
        let scene = try await Scene(["out/a": "12345", "out/sub/b": "1", "z": ""])
        let run = await scene.run("bucket ls backup/b/out/")
        #expect(run.status == .done, "\(run.messages)")
        #expect(
            run.output == """
                [2026-11-20 00:01:00 UTC]       5B a
                [0001-01-01 00:00:00 UTC]       0B sub/

                """)
    }

    @Test(arguments: [
        ("ls -r backup/b", ["out/a", "out/sub/b", "z"]), ("ls backup/b", ["out/", "z"]), ("ls backup/b/o", ["out/"]),
        ("ls backup/b/out/*", ["a"]), ("ls backup/b/**b", ["out/sub/b"]), ("ls backup/b/out/a", ["a"]),
    ])
    func `takes levels, beginnings and patterns`(arguments: String, names: [String]) async throws {
        let scene = try await Scene(["out/a": "12345", "out/sub/b": "1", "z": ""])
        let run = await scene.run(arguments)
        #expect(run.output.split(separator: "\n").map { $0.split(separator: " ").last.map(String.init) } == names)
    }

    @Test func `prints JSON with mc's fields, and sums`() async throws {
        let scene = try await Scene(["a": "12345"])
        let run = await scene.run("ls --json --summarize backup/b")
        #expect(
            run.output == """
                {"etag":"1","key":"a","lastModified":"2026-11-20T00:01:00Z","size":5,"status":"success","type":"file","url":"backup/b/a"}
                {"status":"success","totalObjects":1,"totalSize":5,"type":"summary"}

                """)
    }

    @Test func `shows versions, and what was there at an instant`() async throws {
        let scene = try await Scene(versioning: .enabled)
        try await scene.put("a", "1")
        try await scene.put("a", "22")
        try await scene.put("b", "333")
        _ = try await scene.bucket.delete([ObjectKey("a")!])
        let all = await scene.run("ls --versions backup/b")
        #expect(all.output.split(separator: "\n").count == 4)
        #expect(all.output.contains(" v3 DEL a\n"))
        #expect(all.output.contains(" v1 PUT a\n"))
        let then = await scene.run("ls --at 2026-11-20T00:01 backup/b")
        #expect(then.output == "[2026-11-20 00:01:00 UTC]       1B a\n", "\(then.messages)")
        #expect(await scene.run("cat --at 2026-11-20T00:02 backup/b/a").output == "22")
        #expect(await scene.run("cat --at 2026-11-19 backup/b/a").status == .notFound)
    }

    @Test func `lists the buckets of a server, and says what is missing`() async throws {
        let scene = try await Scene()
        #expect(await scene.run("ls backup").output.contains("other/"))
        #expect(await scene.run("ls backup/b").status == .done)
        #expect(await scene.run("ls backup/b/missing").status == .notFound)
        #expect(await scene.run("ls backup/nobody").status == .notFound)
        #expect(await scene.run("ls bakcup/b").status == .usage)
    }
}

@Suite struct `martlet bucket cp` {
    @Test(arguments: [
        ("cp backup/b/out/a backup/other", ["a"]), ("cp backup/b/out/a backup/other/x", ["x"]),
        ("cp backup/b/out/a backup/other/x/", ["x/a"]), ("cp -r backup/b/out backup/other", ["out/a", "out/sub/b"]),
        ("cp -r backup/b/out/ backup/other", ["a", "sub/b"]),
        ("cp -r backup/b backup/other/all", ["all/out/a", "all/out/sub/b", "all/z"]),
        ("cp backup/b/out/a backup/b/z backup/other/x", ["x/a", "x/z"]),
        ("cp backup/b/**b backup/other/", ["out/sub/b"]),
        ("cp --dry-run -r backup/b backup/other", []),
    ])
    func `names copies as people expect`(arguments: String, keys: [String]) async throws {
        let scene = try await Scene(["out/a": "12345", "out/sub/b": "1", "z": ""])
        let run = await scene.run("bucket " + arguments)
        #expect(run.status == .done, "\(run.messages)")
        #expect(try await Scene.keys(scene.other) == keys)
    }

    @Test func `goes into a prefix that has objects already`() async throws {
        let scene = try await Scene(["a": "1", "dir/b": "2"])
        #expect(await scene.run("cp backup/b/a backup/b/dir").status == .done)
        #expect(try await Scene.keys(scene.bucket) == ["a", "dir/a", "dir/b"])
    }

    @Test func `brings objects to this machine and back, with what belongs to them`() async throws {
        let scene = try await Scene()
        var options = PutOptions(contentType: "text/csv", metadata: ["source": "radar"])
        options.tags = ["study": "one"]
        try await scene.put("a", "hello", options)
        #expect(await scene.run("cp backup/b/a ./dir/").status == .done)
        #expect(try await Scene.keys(scene.folder) == ["a"])
        let back = await scene.run("cp --attr owner=me -r ./dir/ backup/other")
        #expect(back.status == .done, "\(back.messages)")
        let info = try await scene.other.head(ObjectKey("a")!)
        #expect(info.contentType == "text/csv")
        #expect(info.metadata == ["source": "radar", "owner": "me"])
        #expect(try await scene.other.features.tags(of: info.key, versionID: nil) == ["study": "one"])
    }

    @Test func `tells what cannot be copied, and its exit code too`() async throws {
        let scene = try await Scene(["a": "1"])
        #expect(await scene.run("cp backup/b/missing backup/other").status == .notFound)
        #expect(await scene.run("cp -r backup/b/missing/ backup/other").status == .notFound)
        #expect(await scene.run("cp backup/b backup/other").status == .usage)
        #expect(await scene.run("cp backup/b/a").status == .usage)
    }
}

@Suite struct `martlet bucket rm` {
    @Test func `asks before it removes, and needs to be told where nobody can be asked`() async throws {
        let scene = try await Scene(["a": "1", "b": "2"])
        #expect(await scene.run("rm backup/b/a").status == .usage)
        #expect(await scene.run("rm backup/b/a", answer: "no").status == .failed)
        #expect(try await Scene.keys(scene.bucket) == ["a", "b"])
        let asked = await scene.run("rm backup/b/a", answer: "yes")
        #expect(asked.status == .done)
        #expect(asked.messages.contains("Remove 1 object, 1 B, from backup/b/a?"))
        #expect(try await Scene.keys(scene.bucket) == ["b"])
        #expect(await scene.run("rm --yes backup/b/a").status == .notFound)
    }

    @Test func `removes only what was meant`() async throws {
        let scene = try await Scene(["dir/a": "1", "dir/b": "2", "directory": "3"])
        #expect(await scene.run("rm --yes backup/b/dir").status == .notFound)
        #expect(await scene.run("rm --yes backup/b/dir/").status == .usage)
        let dry = await scene.run("rm -r --dry-run backup/b/dir/")
        #expect(dry.output == "would remove backup/b/dir/a\nwould remove backup/b/dir/b\n")
        #expect(await scene.run("rm -r --older-than 2026-11-20T00:02 --yes backup/b/dir/").status == .done)
        #expect(try await Scene.keys(scene.bucket) == ["dir/b", "directory"])
        #expect(await scene.run("rm -r --yes backup/b/dir/").status == .done)
        #expect(try await Scene.keys(scene.bucket) == ["directory"])
    }

    @Test func `removes thousands, page by page`() async throws {
        let scene = try await Scene(Dictionary(uniqueKeysWithValues: (0..<2_500).map { ("k/\($0)", "") }))
        let run = await scene.run("rm -r --yes backup/b")
        #expect(run.output == "Removed 2,500 objects from backup/b.\n")
        #expect(try await Scene.keys(scene.bucket) == [])
    }

    @Test func `takes one version, or all`() async throws {
        let scene = try await Scene(versioning: .enabled)
        try await scene.put("a", "1")
        try await scene.put("a", "22")
        let first = try #require(
            try await scene.bucket.features.listVersions(VersionListRequest()).versions.last?.info.versionID)
        #expect(await scene.run("rm --yes --version-id \(first) backup/b/a").status == .done)
        #expect(try await scene.bucket.features.listVersions(VersionListRequest()).versions.count == 1)
        #expect(await scene.run("rm --yes backup/b/a").status == .done)
        #expect(try await scene.bucket.features.listVersions(VersionListRequest()).versions.count == 2)
        #expect(await scene.run("rm -r --versions --yes backup/b").status == .done)
        #expect(try await scene.bucket.features.listVersions(VersionListRequest()).versions.isEmpty)
    }
}

@Suite struct `The other bucket commands` {
    @Test func `cat writes the bytes, from where one likes`() async throws {
        let scene = try await Scene(["a": "hello", "b": "world"])
        #expect(await scene.run("cat backup/b/a backup/b/b").output == "helloworld")
        #expect(await scene.run("cat --offset 3 backup/b/a").output == "lo")
        #expect(await scene.run("cat --tail 2 backup/b/a").output == "lo")
        #expect(await scene.run("cat --tail 200 backup/b/a").output == "hello")
        #expect(await scene.run("cat --tail 0 backup/b/a").status == .usage)
        #expect(await scene.run("cat backup/b/missing").status == .notFound)
        #expect(await scene.run("cat backup/b").status == .usage)
    }

    @Test func `stat tells everything`() async throws {
        let scene = try await Scene()
        var options = PutOptions(contentType: "text/csv", metadata: ["source": "radar"])
        options.tags = ["study": "one"]
        try await scene.put("a", "hello", options)
        let text = await scene.run("stat backup/b/a").output
        for part in ["backup/b/a", "5 B (5 bytes)", "text/csv", "source:", "study:"] { #expect(text.contains(part)) }
        #expect(await scene.run("stat --json backup/b/a").output.contains(#""tags":{"study":"one"}"#))
        #expect(await scene.run("stat backup/b").output.contains("Versioning:"))
    }

    @Test func `du sums up, level by level`() async throws {
        let scene = try await Scene(["p/a": "12345", "p/q/b": "1", "z": "123"])
        #expect(
            await scene.run("du --depth 2 backup/b").output == """
                1B        1 object\tbackup/b/p/q/
                6B        2 objects\tbackup/b/p/
                9B        3 objects\tbackup/b

                """)
    }

    @Test func `mb and rb make and remove buckets`() async throws {
        let scene = try await Scene()
        #expect(await scene.run("mb backup/new").status == .done)
        #expect(scene.shelf.bucketNames == ["backup/b", "backup/new", "backup/other"])
        #expect(await scene.run("mb backup/new").status == .failed)
        #expect(await scene.run("mb --ignore-existing backup/new").status == .done)
        #expect(await scene.run("mb backup/new/key").status == .usage)
        #expect(await scene.run("rb backup/new").status == .done)
        #expect(await scene.run("rb backup/new").status == .notFound)
        #expect(scene.shelf.bucketNames == ["backup/b", "backup/other"])
    }
}
