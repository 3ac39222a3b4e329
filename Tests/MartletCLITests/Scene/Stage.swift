import MartletTestSupport
import Testing

/// What scripts/stage puts on a cluster, as the scene works with it.
struct Stage: Sendable {
    static let namespace = "radar"
    static let database = "postgresql-0"

    let cluster: SceneCluster
    var kubectl: Kubectl { cluster.kubectl }

    init(_ cluster: SceneCluster) { self.cluster = cluster }

    /// A command in a container of the namespace.
    @discardableResult
    func exec(_ pod: String, _ container: String, _ command: String...) async throws -> String {
        try await kubectl(["exec", "--namespace", Stage.namespace, pod, "--container", container, "--"] + command)
    }

    // --- the database

    func freeze() async throws {
        try await exec(Stage.database, "fsfreeze", "fsfreeze", "--freeze", Stage.databaseFolder)
    }
    func thaw() async throws {
        try await exec(Stage.database, "fsfreeze", "fsfreeze", "--unfreeze", Stage.databaseFolder)
    }

    /// - Returns: whether it was frozen.
    func thawIfFrozen() async throws -> Bool {
        do {
            try await thaw()
            return true
        } catch {
            // What the kernel says of a file system that is not frozen.
            guard "\(error)".contains("Invalid argument") else { throw error }
            return false
        }
    }

    /// What Martlet has noted as not undone yet.
    func outstandingHooks() async throws -> String {
        try await kubectl(
            "get", "configmaps", "--all-namespaces", "--selector", "martlet/outstanding-hooks", "--output", "name")
    }

    private static let databaseFolder = "/var/lib/postgresql"

    /// Returns when a process of the database waits where it cannot be killed, as one does that writes to a frozen file system.
    func waitUntilDatabaseHangs() async throws {
        while true {
            let processes = try await exec(Stage.database, "postgresql", "ps", "-e", "-o", "stat=,args=")
            if processes.split(separator: "\n").contains(where: { $0.hasPrefix("D") && $0.contains("postgres") }) {
                return
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// How many rows there are.
    /// - Throws: unless they are a gap-free prefix with right checksums, in undamaged tables.
    func checkedRows() async throws -> Int {
        let answer = try await exec(Stage.database, "postgresql", "stage-check")
        return try #require(Int(answer.trimmed), "stage-check said \(answer)")
    }

    // --- Redis and the files

    private static let redis = "redis-master-0"

    func fillRedis() async throws {
        try await exec(
            Stage.redis, "redis", "redis-cli", "EVAL",
            "for i = 1, 1000 do redis.call('SET', 'key:' .. i, string.rep(i .. ' ', 50)) end return 'OK'", "0")
    }

    /// What tells one content of Redis from another.
    func redisDigest() async throws -> String {
        let digest = try await exec(Stage.redis, "redis", "redis-cli", "DEBUG", "DIGEST").trimmed
        try #require(digest.count == 40, "redis-cli said \(digest)")
        return digest
    }

    /// - Parameter verb: of `stage-files`: `make`, `grow`, or `list`, which prints everything that has to come back.
    @discardableResult
    func files(_ verb: String) async throws -> String {
        try await exec("deployment/catalog-server", "catalog-server", "stage-files", verb, "/catalog")
    }

    // --- pods

    /// Returns when every workload is as it is meant to be; ends with the test's time limit.
    func waitUntilReady() async throws {
        for workload in ["statefulset/postgresql", "statefulset/redis-master", "deployment/catalog-server"] {
            try await kubectl("rollout", "status", "--namespace", Stage.namespace, workload)
        }
    }
}
