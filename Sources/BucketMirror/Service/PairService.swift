import Basics
import ObjectStorage
import Synchronization

/// Keeps one pair together for ever: streams mark keys, scans mark keys, workers look at them. Only cancellation ends it.
final class PairService: Sendable {
    let pair: MirrorPair
    let tools: MirrorTools
    let state: PairState
    private let works = Mutex<MirrorWorks?>(nil)

    init(pair: MirrorPair, tools: MirrorTools) {
        self.pair = pair
        self.tools = tools
        state = PairState(pair: pair, tools: tools)
    }

    var index: MirrorIndex? { works.withLock { $0?.index } }

    var metrics: MirrorMetrics { state.metrics(counts: works.withLock { $0?.tally.counts }) }

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for source in pair.events { group.addTask { await self.follow(source) } }
            if pair.events.isEmpty { state.gap(.none) } else { state.gap(.start) }
            group.addTask { await self.workForEver() }
            group.addTask { await self.watch() }
            await group.waitForAll()
        }
    }

    /// Looks after everything that could hang.
    private func watch() async {
        while !Task.isCancelled {
            await pause(min(.seconds(10), pair.watch.watchdog / 4))
            let count = state.watchdog.look()
            if count > 0 { state.change { $0.watchdogRestarts += count } }
        }
    }

    /// Builds what the pair needs, and again after something that all of it needs has failed.
    private func workForEver() async {
        var failures = 0
        while !Task.isCancelled {
            let (failure, lasted) = await work()
            guard !Task.isCancelled else { break }
            failures = lasted ? 1 : failures + 1
            if let failure {
                state.failed(failure, concernsAll: true)
                state.change {
                    $0.errors["\(failure.code.rawValue)/\(failure.side?.rawValue ?? "mirror")", default: 0] += 1
                }
            }
            state.gap(.start)
            await pause(.seconds(min(60, 1 << min(failures - 1, 6))))
        }
    }

    /// - Returns: why it ended, and whether it had worked until then.
    private func work() async -> (MirrorError?, Bool) {
        do throws(MirrorError) {
            let index = try MirrorIndex(path: pair.indexPath, pair: "\(pair.source.name)\n\(pair.target.name)")
            let works = MirrorWorks(
                source: pair.source, target: pair.target, options: pair.options, tools: tools, index: index,
                isPatient: true, tell: { self.state.tell($0) })
            self.works.withLock { $0 = works }
            let ending = await work(works, index)
            await works.keepers.end()
            return ending
        } catch {
            return (error, false)
        }
    }

    private func work(_ works: MirrorWorks, _ index: MirrorIndex) async -> (MirrorError?, Bool) {
        do throws(MirrorError) {
            // A service works under the lease from the beginning: whoever has not got it stands by.
            _ = try await works.keepers.keeper()
            if works.keepers.isOvertaken { try index.setComplete(false) }
            let isTrusted = try index.isComplete
            try index.beginUse()
            let failure = await PairStages(works: works, state: state, isTrusted: isTrusted).run()
            try await works.recorder.flushAtTheEnd()
            if failure == nil, works.copier.uncertain == 0 { try works.endIndexUse() }
            return (failure, true)
        } catch {
            return (error, false)
        }
    }

    func pause(_ duration: Duration) async {
        // Only cancellation ends a pause early, and whoever pauses looks for it.
        try? await tools.clock.sleep(for: duration)
    }
}
