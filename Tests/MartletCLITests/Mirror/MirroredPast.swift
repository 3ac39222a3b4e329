import Basics
import FoundationEssentials
import MartletTestSupport
import NIOCore
import ObjectStorage
import Testing

/// A bucket with a past of three states, two hours apart by its own clock, mirrored with its history by the program.
struct MirroredPast: Sendable {
    struct State: Sendable {
        /// For `--at`: half an hour after the state came to be.
        let at: String
        let contents: [String: String]
    }

    let source: S3TestServer
    let backup: S3TestServer
    /// Oldest first.
    let states: [State]

    static let many = 200

    var martlet: MartletProcess { MartletProcess(MirroredPast.environment(source, backup)) }

    private static func environment(_ source: S3TestServer, _ backup: S3TestServer) -> [String: String] {
        func host(_ server: S3TestServer) -> String {
            "http://\(S3TestServer.accessKey):\(S3TestServer.secretKey)@\(server.endpoint.dropFirst("http://".count))"
        }
        return ["MC_HOST_source": host(source), "MC_HOST_backup": host(backup)]
    }

    /// - Parameter keepsVersions: else what is overwritten or deleted moves beneath the history's prefix.
    static func with(keepsVersions: Bool, _ body: (MirroredPast) async throws -> Void) async throws {
        try await withS3TestServer { (source: S3TestServer) async throws -> Void in
            try await withS3TestServer { (backup: S3TestServer) async throws -> Void in
                source.makeBucket("data")
                backup.makeBucket("backup", isVersioned: keepsVersions)
                backup.makeBucket("production")
                if !keepsVersions {
                    // As a store without versions, which `full` cannot switch on.
                    backup.plan(
                        S3FaultRule(.refuse(status: 501, code: "NotImplemented"), of: [.bucketSettings], times: nil))
                }
                try await body(make(source, backup))
            }
        }
    }

    private static func make(_ source: S3TestServer, _ backup: S3TestServer) async throws -> MirroredPast {
        var contents: [String: String] = [:]
        var states: [State] = []
        let martlet = MartletProcess(environment(source, backup))
        for round in 0..<3 {
            source.setClock(offset: .seconds(-7200 * (3 - round)))
            for (key, text) in changes(round) {
                contents[key] = text
                source.put(ByteBuffer(string: text), at: try #require(ObjectKey(key)), in: "data")
            }
            let outcome = try await martlet.run(
                "mirror", "--overwrite", "--history", "full", "source/data", "backup/backup")
            #expect(outcome.status == 0, "\(outcome.messages)")
            states.append(State(at: "\(7200 * (3 - round) - 1800)s", contents: contents))
        }
        return MirroredPast(source: source, backup: backup, states: states)
    }

    /// Some keys stay, one is rewritten each time, some come later.
    private static func changes(_ round: Int) -> [String: String] {
        var changes = ["rewritten": "state \(round)", "study 1/größe \(round)": "came in round \(round)"]
        if round == 0 { for index in 0..<many { changes["many/\(index)"] = "value \(index)" } }
        return changes
    }

    /// What the destination of a restore holds.
    var restored: [String: String] {
        Dictionary(
            uniqueKeysWithValues: backup.objects(in: "production").map { key, object in
                (key.text, String(buffer: object.bytes))
            })
    }
}
