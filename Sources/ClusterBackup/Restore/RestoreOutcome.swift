package import Basics
package import NIOCore
package import VeleroAPI

/// How a restore, or the planning of one, ended.
package struct RestoreOutcome: Sendable {
    /// Why a restore did not come to its end. Running the same command again goes on where it stopped.
    package enum Stop: Sendable {
        case cancelled
        /// The API server cannot be reached, or does not accept the credentials any more.
        case server(any Error)
        /// The archive cannot be read any more: the local disk.
        case archive(any Error)
    }

    package var phase: RestorePhase
    package var counts = RestoreCounts()
    package var results = BackupResults()
    /// By `group/version/Kind`, each name with its outcome: `ns1/a(created)`. Memory grows with the objects restored.
    package var resources: [String: [String]] = [:]
    /// What became of the volumes of restored pods.
    package var volumes: [PodVolumeRestore] = []
    package var started: Timestamp
    package var completed: Timestamp
    /// Of a restore that failed as a whole.
    package var failureReason: String?
    package var stop: Stop?
    /// The log, packed by gzip.
    package var log: ByteBuffer
    /// Why log and results are not in the store; nil if they are, or if nothing was to be stored.
    package var recordsProblem: String?

    package var warningCount: Int { results.warnings.count }
    package var errorCount: Int { results.errors.count }
}
