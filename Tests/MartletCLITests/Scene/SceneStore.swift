import FoundationEssentials
import MartletTestSupport
import Subprocess
import SystemPackage
import Testing

/// The store that the scene backs up into, and what others see in it.
struct SceneStore: Sendable {
    let path: String
    let password: String

    /// The repository of the stage's volumes.
    var repository: String { "\(path)/restic/\(Stage.namespace)" }

    /// What the volumes of a backup came to, as its side file says.
    func volumes(of backup: String) async throws -> SavedVolumeCounts {
        let file = "\(path)/backups/\(backup)/\(backup)-podvolumebackups.json.gz"
        let result = try await Subprocess.run(
            .path("/bin/zcat"), arguments: [file], output: .bytes(limit: 1 << 20), error: .string(limit: 1 << 16))
        try #require(result.terminationStatus == .exited(0), "zcat \(file): \(result.standardError)")
        let saved = try JSONDecoder().decode([SavedVolume].self, from: Data(result.standardOutput))
        #expect(saved.allSatisfy { $0.status.phase == "Completed" }, "\(saved)")
        return SavedVolumeCounts(
            names: Set(saved.map(\.spec.volume)),
            bytes: saved.reduce(0) { $0 + ($1.status.progress?.totalBytes ?? 0) },
            newBytes: saved.reduce(0) { $0 + ($1.status.incrementalBytes ?? 0) })
    }

    /// What the backup's own file says of the commands that it ran in pods.
    func hooks(of backup: String) throws -> SavedHookCounts {
        struct SavedBackup: Decodable {
            struct Status: Decodable {
                struct Hooks: Decodable {
                    let hooksAttempted: Int?
                    let hooksFailed: Int?
                }
                let hookStatus: Hooks?
            }
            let status: Status
        }
        let data = try Data(contentsOf: URL(filePath: "\(path)/backups/\(backup)/velero-backup.json"))
        let hooks = try JSONDecoder().decode(SavedBackup.self, from: data).status.hookStatus
        return SavedHookCounts(attempted: hooks?.hooksAttempted ?? 0, failed: hooks?.hooksFailed ?? 0)
    }

    /// Bytes of all files of the repository.
    func repositorySize() throws -> Int {
        try FileManager.default.subpathsOfDirectory(atPath: repository).reduce(0) { sum, name in
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(repository)/\(name)")
            return attributes[.type] as? FileAttributeType == .typeRegular
                ? sum + (attributes[.size] as? Int ?? 0) : sum
        }
    }

    private struct SavedVolume: Decodable, Sendable {
        struct Spec: Decodable, Sendable { let volume: String }
        struct Status: Decodable, Sendable {
            struct Progress: Decodable, Sendable { let totalBytes: Int? }
            let phase: String?
            let progress: Progress?
            let incrementalBytes: Int?
        }
        let spec: Spec
        let status: Status
    }
}

struct SavedVolumeCounts: Sendable {
    let names: Set<String>
    /// Of all files.
    let bytes: Int
    /// That the repository did not have yet.
    let newBytes: Int
}

struct SavedHookCounts: Equatable, Sendable {
    let attempted: Int
    let failed: Int
}
