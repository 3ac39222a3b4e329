import FoundationEssentials
import MartletTestSupport
import Testing

/// A small RADAR-base with data in it is backed up under load, its cluster is thrown away, and a new one gets everything back:
/// real Kubernetes, real PostgreSQL, the built program. What an act establishes the next one needs, so they are one test.
@Suite(.serialized, .needs(.node)) struct `The scene` {
    @Test(.timeLimit(.minutes(15))) func `is played to its end`() async throws {
        let folder = try ScratchFolder()
        let path = folder.path
        let store = SceneStore(path: "\(path)/store", password: "scene-\(UUID().uuidString)")
        let saved = try await SceneCluster.with("lost") { cluster in
            let stage = Stage(cluster)
            try await setStage(stage)
            return try await RowWriter.with(cluster.kubectl, log: "\(path)/rows") { writer in
                try await Act.time("a freeze holds the database, a thaw lets it go on") {
                    try await freezeByHand(stage, writer)
                }
                let first = try await Act.time("the first backup") {
                    try await backUp("scene-1", stage, writer, store)
                }
                let second = try await Act.time("the second backup, after changes") {
                    try await backUpChanges(stage, writer, store)
                }
                return (first: first, second: second)
            }.result
        }
        try await Act.time("restic reads the repository") {
            try await read(store, first: saved.first, into: path)
        }
        try await SceneCluster.with("new") { cluster in
            let stage = Stage(cluster)
            try await Act.time("everything is restored, and the pods are ready") {
                try await restore("scene-2", stage, store)
            }
            try await compare(stage, with: saved.second)
        }
    }

    /// What was there when a backup was made.
    private struct Content: Sendable {
        /// How many rows may be in it: those that were safe before the backup, up to the one under way after it.
        let rows: ClosedRange<Int>
        let redis: String
        let files: String
    }

    private func setStage(_ stage: Stage) async throws {
        try await Act.time("the stage is set") { try await Script.run("stage", "play", "--name", stage.cluster.name) }
        try await stage.fillRedis()
        try await stage.files("make")
    }

    /// The stage itself: a freeze stops the database in the middle of a row, a thaw lets it finish that row.
    private func freezeByHand(_ stage: Stage, _ writer: RowWriter) async throws {
        try await stage.freeze()
        let hangs: Result<Int, any Error>
        do {
            try await stage.waitUntilDatabaseHangs()
            hangs = .success(writer.acknowledged)
        } catch {
            hangs = .failure(error)
        }
        let last = writer.acknowledged
        try await stage.thaw()
        let held = try hangs.get()
        #expect(last == held, "rows were safe in a frozen file system")
        try await writer.wait(beyond: held)
        #expect(try await stage.checkedRows() > held)
    }

    /// The writer writes on while the backup is made; the hooks of the database's pod freeze its file system for the copy.
    private func backUp(
        _ name: String, _ stage: Stage, _ writer: RowWriter, _ store: SceneStore
    ) async throws -> Content {
        let redis = try await stage.redisDigest()
        let files = try await stage.files("list")
        let before = writer.acknowledged
        let outcome = try await stage.cluster.martlet(store).run(
            "backup", "create", name, "--direct", "--to", store.path, "--include-namespaces", Stage.namespace)
        // Also if it failed: nobody writes into a frozen file system, and a cluster with one does not come down.
        let wasFrozen = try await stage.thawIfFrozen()
        #expect(!wasFrozen, "the file system was still frozen after the backup")
        let after = writer.acknowledged
        #expect(outcome.status == 0, "\(outcome.text)")
        // A thaw that finds nothing frozen any more would be an error of the backup.
        #expect(try store.hooks(of: name) == SavedHookCounts(attempted: 2, failed: 0))
        #expect(try await stage.outstandingHooks().isEmpty)
        try await writer.wait(beyond: after)
        return Content(rows: before...after + 1, redis: redis, files: files)
    }

    /// Only what is new is stored.
    private func backUpChanges(_ stage: Stage, _ writer: RowWriter, _ store: SceneStore) async throws -> Content {
        let before = try store.repositorySize()
        try await stage.files("grow")
        try await writer.wait(beyond: writer.acknowledged + 50)
        let content = try await backUp("scene-2", stage, writer, store)
        let growth = try store.repositorySize() - before
        let first = try await store.volumes(of: "scene-1")
        let second = try await store.volumes(of: "scene-2")
        print("scene: volumes hold \(first.bytes), then \(second.bytes) bytes; stored \(before), then \(growth) more")
        #expect(first.names == ["data", "redis-data", "catalog"] && second.names == first.names)
        // The catalog grew by 100,000 random bytes; the database has written log and some pages.
        #expect(second.newBytes >= 100_000 && growth >= 100_000)
        #expect(second.newBytes < first.newBytes / 3, "\(second.newBytes) bytes are new after \(first.newBytes)")
        #expect(growth < before / 2, "\(growth) bytes more after \(before)")
        return content
    }

    /// The referee: the repository is sound, and the files of the first backup are in it as they were then.
    private func read(_ store: SceneStore, first: Content, into path: String) async throws {
        for (number, restic) in ResticProgram.all.enumerated() {
            let check = try restic.run(
                ["check", "--read-data"], repository: store.repository, password: store.password)
            #expect(check.exitCode == 0, "\(check)")
            let snapshots = try restic.run(
                ["snapshots", "--json"], repository: store.repository, password: store.password)
            #expect(snapshots.output.components(separatedBy: "\"short_id\"").count == 1 + 6, "\(snapshots)")
            let target = "\(path)/restic-\(number)"
            let restored = try restic.run(
                ["restore", "latest", "--tag", "backup=scene-1,volume=catalog", "--target", target],
                repository: store.repository, password: store.password)
            #expect(restored.exitCode == 0, "\(restored)")
            let list = try await Script.run("stage.d/image/stage-files", "list", target)
            #expect(withoutRoot(list) == withoutRoot(first.files), "\(restored)")
        }
    }

    /// The folder of the volume itself is not in a snapshot.
    private func withoutRoot(_ list: String) -> Substring { list[(list.firstIndex(of: "\n") ?? list.startIndex)...] }

    private func restore(_ name: String, _ stage: Stage, _ store: SceneStore) async throws {
        let outcome = try await stage.cluster.martlet(store).run(
            "restore", "create", "scene-back", "--from-backup", name, "--direct", "--from", store.path,
            "--helper-image", "localhost/martlet:test")
        #expect(outcome.status == 0, "\(outcome.text)")
        try await stage.waitUntilReady()
    }

    private func compare(_ stage: Stage, with saved: Content) async throws {
        #expect(saved.rows.contains(try await stage.checkedRows()), "rows of \(saved.rows)")
        #expect(try await stage.redisDigest() == saved.redis)
        #expect(try await stage.files("list") == saved.files)
        let log = try await stage.kubectl(
            "logs", "--namespace", Stage.namespace, Stage.database, "--container", "postgresql")
        #expect(log.contains("database system is ready to accept connections"))
        for word in ["PANIC", "corrupt", "invalid page", "checksum"] { #expect(!log.contains(word), "\(log)") }
    }
}
