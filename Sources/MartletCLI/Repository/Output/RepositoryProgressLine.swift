import Basics
import ResticRepository
import Synchronization

/// How far work on a repository has come, as a line that changes on a terminal and a line a minute elsewhere.
final class RepositoryProgressLine: Sendable {
    private let isShown: Bool
    private let reporters: [RepositoryProgress.Stage: ProgressReporter]

    init(_ context: CommandContext, isShown: Bool = true) {
        self.isShown = isShown
        var reporters: [RepositoryProgress.Stage: ProgressReporter] = [:]
        for stage in RepositoryProgress.Stage.allCases {
            let (verb, unit) = RepositoryProgressLine.words(stage)
            let meter = ProgressMeter(verb: verb, unit: unit)
            reporters[stage] = ProgressReporter(meter, console: context.console, clock: ContinuousClock())
        }
        self.reporters = reporters
    }

    /// May be called from any task.
    @Sendable func show(_ progress: RepositoryProgress) {
        guard isShown else { return }
        reporters[progress.stage]?.update(
            done: progress.done, total: progress.total, bytes: progress.bytes > 0 ? ByteCount(progress.bytes) : nil)
    }

    func finish() { reporters.values.first?.finish() }

    private static func words(_ stage: RepositoryProgress.Stage) -> (verb: String, unit: String) {
        switch stage {
        case .findingUsedBlobs: ("looking for what is used", "folders")
        case .readingPacks: ("reading", "packs")
        case .readingTrees: ("reading", "folders")
        case .repacking: ("repacking", "packs")
        case .rewritingIndex: ("writing the index", "files")
        case .removingPacks: ("removing", "packs")
        case .copying: ("copying", "blobs")
        }
    }
}
