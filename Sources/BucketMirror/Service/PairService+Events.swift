import Basics
import ObjectStorage

extension PairService {
    /// Follows one source of events for ever. Every end of a stream is a gap; nothing is concluded from silence.
    func follow(_ source: any BucketEventSource) async {
        var failures = 0
        var cursor = storedCursor(source)
        while !Task.isCancelled {
            let (ending, heard, last) = await listen(to: source, after: cursor)
            cursor = last ?? cursor
            state.streamEnded(source.name)
            guard !Task.isCancelled else { break }
            failures = heard ? 0 : failures + 1
            if ending != .silent { state.gap(ending) }
            // At once after a stream that worked, then 1, 2, 4 ... 30 s; a store without events is asked once an hour.
            if ending == .none { await pause(.seconds(3600)) }
            if failures > 0 { await pause(.seconds(min(30, 1 << min(failures - 1, 5)))) }
        }
    }

    /// - Returns: how the stream ended, whether anything came on it, and where it could go on.
    private func listen(
        to source: any BucketEventSource, after cursor: String?
    ) async -> (MirrorGap, Bool, String?) {
        let stream: BucketEventStream
        let opening = await state.watchdog.guarding { await self.open(source, after: cursor) }
        do throws(StoreError) {
            stream = try opening.get()
        } catch {
            state.change { $0.errors["\(error.code.rawValue)/events", default: 0] += 1 }
            return (error.code == .unsupported ? .none : .ended, false, nil)
        }
        let task = Task.apart { await self.read(stream, of: source) }
        state.streamBegan(source.name, heartbeat: stream.heartbeat) { task.cancel() }
        if !stream.resumes { state.gap(.start) }
        let (heard, last) = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        return (.ended, heard, last)
    }

    private func open(
        _ source: any BucketEventSource, after cursor: String?
    ) async -> Result<BucketEventStream, StoreError> {
        do throws(StoreError) {
            return .success(try await source.open(after: cursor))
        } catch {
            return .failure(error)
        }
    }

    private func read(_ stream: BucketEventStream, of source: any BucketEventSource) async -> (Bool, String?) {
        var heard = false
        var last: String?
        var iterator = stream.batches.makeAsyncIterator()
        do {
            while let batch = try await iterator.next() {
                heard = true
                state.streamLives(source.name)
                if batch.lostSome { state.gap(.lost) }
                for event in batch.events { take(event) }
                if let cursor = batch.cursor {
                    last = cursor
                    remember(cursor, source)
                }
            }
        } catch {
            let error = StoreError(error, while: "listening to \(source.name)")
            state.change { $0.errors["\(error.code.rawValue)/events", default: 0] += 1 }
        }
        return (heard, last)
    }

    private func take(_ event: BucketEvent) {
        guard pair.options.selection.takes(event.key) else { return }
        state.mark(event.key, event.kind == .annotated ? .annotations : .event)
    }

    /// The cursor is kept by the index only when nothing is waiting: what it points behind is in the backup then.
    private func remember(_ cursor: String, _ source: any BucketEventSource) {
        guard let index = index, state.isIdle else { return }
        // An older cursor only tells more again.
        try? index.set(.cursor, source.name, to: cursor)
    }

    private func storedCursor(_ source: any BucketEventSource) -> String? {
        guard let index = index else { return nil }
        // Without it the stream begins anew, which is a gap.
        return try? index.value(of: .cursor, source.name)
    }
}
