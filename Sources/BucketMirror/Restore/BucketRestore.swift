package import Basics
import ObjectStorage
import Synchronization

package struct RestoreOptions: Sendable {
    /// The instant to bring back, by the source's time; nil for the latest state.
    package var at: Timestamp?
    /// Only keys that begin with it.
    package var prefix = ""
    /// Replaces objects of the destination that were written after `at`; else they are kept and reported.
    package var overwritesNewer = false
    /// Deletes objects of the destination that did not exist at that time.
    package var removesExtra = false
    package var isDryRun = false
    package var workers = 32
    package var memory = ByteCount.mebibytes(96)
    /// Where the past state is gathered, about 150 bytes for each key: a folder for temporary files.
    package var scratchFolder = "/tmp"

    package init(_ change: (inout RestoreOptions) -> Void = { _ in }) { change(&self) }
}

/// Brings a bucket back as it was at an instant: copies only what differs, by content, and proves it.
///
/// The instant is one of the source's time, to the second (stores tell no more in answers). Without a log only the latest
/// state can be had, which is what the bucket shows.
package struct BucketRestore: Sendable {
    let backup: MirrorEndpoint
    let destination: MirrorEndpoint
    let options: RestoreOptions
    let tools: MirrorTools

    package init(backup: MirrorEndpoint, destination: MirrorEndpoint, options: RestoreOptions, tools: MirrorTools) {
        self.backup = backup
        self.destination = destination
        self.options = options
        self.tools = tools
    }

    /// Runs to the end; may be repeated, and then does what is left.
    ///
    /// - Throws: `.notFound` for an instant without a log, or before it begins; otherwise as a mirror's run.
    package func run() async throws(MirrorError) -> RestoreReport {
        let stopwatch = Stopwatch(tools.clock)
        let past = try await PastState(
            MirrorHistory(store: backup.store), at: options.at, prefix: options.prefix,
            folder: options.scratchFolder)
        guard past.segments > 0 else {
            guard options.at == nil else {
                throw MirrorError(.notFound, "\(backup.name) has no history: only its latest state can be restored")
            }
            return try await restoreLatest()
        }
        let job = RestoreJob(restore: self, past: past)
        var report = try await job.run()
        report.mirror.elapsed = stopwatch.elapsed
        return report
    }

    var mirrorOptions: MirrorOptions {
        MirrorOptions {
            $0.workers = options.workers
            $0.memory = options.memory
            $0.isDryRun = options.isDryRun
            $0.deletes = options.removesExtra ? .propagate : .keep
            $0.history = .off
            $0.brake = nil
        }
    }

    /// Of a backup without a log: a mirror in the other direction.
    private func restoreLatest() async throws(MirrorError) -> RestoreReport {
        let prefix = options.prefix
        let source = prefix.isEmpty ? backup.store : PrefixStore(backup.store, prefix: prefix)
        let target = prefix.isEmpty ? destination.store : PrefixStore(destination.store, prefix: prefix)
        var report = RestoreReport()
        report.mirror = try await MirrorRun(
            source: MirrorEndpoint(store: source, name: backup.name),
            target: MirrorEndpoint(store: target, name: destination.name), options: mirrorOptions, tools: tools
        ).run()
        report.objects = report.mirror.counts.compared
        return report
    }
}

package struct RestoreReport: Sendable {
    package var mirror = MirrorReport()
    /// Objects that existed at that time.
    package var objects = 0
    package var bytes: Int64 = 0
    /// At the destination, written later than the instant, different, and kept.
    package var newerKept = 0
    /// Needed, and not in the backup any more; listed among the failures.
    package var lost = 0

    package init() {}

    package var isComplete: Bool { mirror.isComplete && lost == 0 && newerKept == 0 }
}
