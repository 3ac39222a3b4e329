import FoundationEssentials
import MartletTestSupport
import Testing

/// A small RADAR-base with data in it is backed up under load, its cluster is thrown away, and a new one gets everything back:
/// real Kubernetes, real PostgreSQL, the built program. What an act establishes the next one needs, so they are one test.
@Suite(.serialized, .needs(.node)) struct `The scene` {
    @Test(.timeLimit(.minutes(15))) func `is played to its end`() async throws {
        let folder = try ScratchFolder()
        let path = folder.path
        let before = try await SceneCluster.with("lost") { cluster in
            try await Script.run("stage", "play", "--name", cluster.name)
            let stage = Stage(kubectl: cluster.kubectl)
            try await stage.fillRedis()
            try await stage.makeFiles()
            return try await RowWriter.with(cluster.kubectl, log: "\(path)/rows") { writer in
                try await Act.time("a freeze holds the database, a thaw lets it go on") {
                    try await freezeByHand(stage, writer)
                }
                return try await Act.time("a backup") {
                    try await backUp(cluster, stage, writer, store: "\(path)/store")
                }
            }.result
        }
        try await SceneCluster.with("new") { cluster in
            let stage = Stage(kubectl: cluster.kubectl)
            try await Act.time("everything is restored") { try await restore(cluster, stage, store: "\(path)/store") }
            try await compare(stage, with: before)
        }
    }

    /// What was there when the backup was made.
    private struct Before: Sendable {
        /// Rows that were safe when it began, and when it had ended.
        let rows: ClosedRange<Int>
        let redis: String
        let files: String
    }

    /// The first act: the stage itself. A freeze stops the database in the middle of a row, a thaw lets it finish that row.
    private func freezeByHand(_ stage: Stage, _ writer: RowWriter) async throws {
        try await stage.freeze()
        let frozen: Result<Int, any Error>
        do {
            try await stage.waitUntilDatabaseHangs()
            frozen = .success(writer.acknowledged)
        } catch {
            frozen = .failure(error)
        }
        let held = writer.acknowledged
        try await stage.thaw()
        #expect(try frozen.get() == held, "a row was safe in a frozen file system")
        try await writer.wait(beyond: held)
        #expect(try await stage.checkedRows() > held)
    }

    private func backUp(
        _ cluster: SceneCluster, _ stage: Stage, _ writer: RowWriter, store: String
    ) async throws -> Before {
        let redis = try await stage.redisDigest()
        let files = try await stage.listFiles()
        let first = writer.acknowledged
        let outcome = try await cluster.martlet.run(
            "backup", "create", "scene-1", "--direct", "--to", store, "--include-namespaces", Stage.namespace)
        // Volumes were asked for and not saved, which is never a success.
        #expect(outcome.status == 3, "\(outcome.text)")
        let last = writer.acknowledged
        try await writer.wait(beyond: last)
        return Before(rows: first...last + 1, redis: redis, files: files)
    }

    private func restore(_ cluster: SceneCluster, _ stage: Stage, store: String) async throws {
        let outcome = try await cluster.martlet.run(
            "restore", "create", "scene-1-back", "--from-backup", "scene-1", "--direct", "--from", store)
        #expect(outcome.status == 0, "\(outcome.text)")
        try await stage.waitUntilReady()
    }

    private func compare(_ stage: Stage, with before: Before) async throws {
        // The data is not in the backup yet: the workloads begin with empty volumes.
        #expect(try await stage.checkedRows() == 0)
    }
}
