package import Basics
import ObjectStorage

/// One pass from a source to a target: what `martlet mirror SOURCE TARGET` does.
///
/// Reads are harmless and copies are idempotent: a run that was killed is begun again, and does what is left.
package struct MirrorRun: Sendable {
    let source: MirrorEndpoint
    let target: MirrorEndpoint
    let options: MirrorOptions
    let tools: MirrorTools
    let index: MirrorIndex?

    /// - Parameters:
    ///   - index: of exactly this pair; nil compares with a listing of the target.
    package init(
        source: MirrorEndpoint, target: MirrorEndpoint, options: MirrorOptions, tools: MirrorTools,
        index: MirrorIndex? = nil
    ) {
        self.source = source
        self.target = target
        self.options = options
        self.tools = tools
        self.index = index
    }

    /// Runs to the end. Failures of single objects are in the report and stop nothing.
    ///
    /// - Throws: where going on makes no sense: a side refuses or is gone, a listing is broken, the task was cancelled.
    package func run() async throws(MirrorError) -> MirrorReport {
        let stopwatch = Stopwatch(tools.clock)
        var result = await pass(isAgainstIndex: try isAgainstIndex())
        if case .failure(.overtaken) = result {
            try index?.setComplete(false)
            // Once: the target itself is listed now.
            result = await pass(isAgainstIndex: false)
        }
        switch result {
        case .success(var report):
            report.elapsed = stopwatch.elapsed
            return report
        case .failure(let failure): throw failure.error
        }
    }

    private enum PassFailure: Error {
        case failed(MirrorError)
        /// The index does not know what somebody else wrote to the target.
        case overtaken(MirrorError)

        var error: MirrorError {
            switch self {
            case .failed(let error), .overtaken(let error): error
            }
        }
    }

    private func pass(isAgainstIndex: Bool) async -> Result<MirrorReport, PassFailure> {
        let works = MirrorWorks(
            source: source, target: target, options: options, tools: tools, index: index, restsOnIndex: isAgainstIndex)
        let result: Result<MirrorReport, PassFailure>
        do throws(MirrorError) {
            result = .success(try await complete(works, isAgainstIndex))
        } catch {
            result = .failure(works.keepers.isOvertaken ? .overtaken(error) : .failed(error))
        }
        await works.keepers.end()
        return result
    }

    private func complete(_ works: MirrorWorks, _ isAgainstIndex: Bool) async throws(MirrorError) -> MirrorReport {
        if !options.isDryRun { try index?.beginUse() }
        let outcome = await MirrorScan(works: works, isAgainstIndex: isAgainstIndex).run()
        var failure = outcome.failure
        if failure == nil {
            do throws(MirrorError) {
                try await MirrorDeletes(works: works)
                    .run(outcome.gone, known: outcome.seen, wereCopied: isAgainstIndex)
            } catch {
                failure = error
            }
        }
        // What was done is written down also when something failed.
        do throws(MirrorError) {
            try await works.recorder.flushAtTheEnd()
            if failure == nil, !options.isDryRun, !outcome.hasMore {
                try index?.setComplete(true)
                if !isAgainstIndex { try index?.setTargetListed(tools.wallClock.now()) }
            }
            // After a failure of everything nobody knows what arrived: the next run looks.
            if failure == nil, !options.isDryRun, works.copier.uncertain == 0 { try works.endIndexUse() }
        } catch {
            failure = failure ?? error
        }
        if let failure { throw failure }
        var report = works.tally.report
        report.counts.restarted = works.copier.restarted
        return report
    }
}

extension MirrorRun {
    /// Whether the index stands for the target: it is in order, and the target was listed not too long ago. It may have
    /// changed without us since then.
    private func isAgainstIndex() throws(MirrorError) -> Bool {
        guard let index, try index.isComplete else { return false }
        return try !index.isTargetListingDue(after: options.targetScanInterval, now: tools.wallClock.now())
    }
}

/// What every part of the mirror is handed instead of reaching for it.
package struct MirrorTools: Sendable {
    /// For pauses and watchdogs.
    package var clock: any Clock<Duration>
    /// For what is written down.
    package var wallClock: WallClock
    package var random: any RandomNumberGenerator & Sendable
    package var observer: any MirrorObserver

    package init(
        clock: any Clock<Duration>, wallClock: WallClock, random: any RandomNumberGenerator & Sendable,
        observer: any MirrorObserver = NoMirrorObserver()
    ) {
        self.clock = clock
        self.wallClock = wallClock
        self.random = random
        self.observer = observer
    }
}
