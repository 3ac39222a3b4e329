import Basics
import Crypto
import NIOCore
import ObjectStorage
import Synchronization

package struct VerificationOptions: Sendable {
    package enum Depth: Sendable, Hashable {
        /// Both listings: sizes and tags. Where tags cannot tell, the copy's stamp.
        case listings
        /// Also reads this many objects of both sides, chosen at random, and compares their bytes.
        case sample(Int)
        /// Reads everything of both sides.
        case content
    }

    package var depth = Depth.listings
    package var selection = MirrorSelection()
    package var workers = 16

    package init(_ change: (inout VerificationOptions) -> Void = { _ in }) { change(&self) }
}

/// Compares both sides completely and changes nothing.
///
/// Memory: two pages of listings and a chunk of each object under way.
package struct MirrorVerification: Sendable {
    let source: any ObjectStore
    let target: any ObjectStore
    let options: VerificationOptions
    let tools: MirrorTools

    package init(source: MirrorEndpoint, target: MirrorEndpoint, options: VerificationOptions, tools: MirrorTools) {
        self.source = source.store
        self.target = target.store
        self.options = options
        self.tools = tools
    }

    package func run() async throws(MirrorError) -> VerificationReport {
        let stopwatch = Stopwatch(tools.clock)
        let result = VerificationResult(random: tools.random)
        if let failure = await compare(result) { throw failure }
        if case .sample(let count) = options.depth { await readAll(result.sample(count), result) }
        var report = result.report
        report.elapsed = stopwatch.elapsed
        return report
    }

    private func compare(_ result: VerificationResult) async -> MirrorError? {
        await withTaskGroup(of: Void.self) { group in
            var running = 0
            var failure: MirrorError?
            do throws(MirrorError) {
                var merge = ListingMerge()
                var sides: [ListingMerge.Side: ListingReader] = [
                    .source: ListingReader(source), .target: ListingReader(target),
                ]
                merging: while true {
                    switch merge.next() {
                    case .finished: break merging
                    case .needs(let side):
                        if Task.isCancelled { throw MirrorError(.cancelled, "the verification was cancelled") }
                        let page = try await next(&sides[side], side)
                        do throws(ListingMerge.Disorder) {
                            try merge.feed(side, page.objects, isLast: page.isLast)
                        } catch {
                            throw MirrorError(.listing, "a listing is not sorted at '\(error.key)'", cause: error)
                        }
                    case .difference(let difference):
                        guard options.selection.takes(difference.key) else { continue }
                        if running >= options.workers {
                            await group.next()
                            running -= 1
                        }
                        running += 1
                        group.addTask { await self.judge(difference, result) }
                    }
                }
            } catch {
                failure = error
                group.cancelAll()
            }
            await group.waitForAll()
            return failure
        }
    }

    private func next(
        _ reader: inout ListingReader?, _ side: ListingMerge.Side
    ) async throws(MirrorError) -> ListingReader.Page {
        do throws(StoreError) {
            return try await reader?.next() ?? ([], true)
        } catch {
            throw MirrorError(error, side == .source ? .source : .target, while: "listing the \(side.rawValue)")
        }
    }

    private func judge(_ difference: Difference, _ result: VerificationResult) async {
        switch difference {
        case .missing: result.add(difference) { $0.missing += 1 }
        case .extra: result.add(difference) { $0.extra += 1 }
        case .changed: result.add(difference) { $0.different += 1 }
        case .equal(let source, _):
            guard options.depth == .content else { return result.equal(source.key) }
            await read(source.key, difference, result)
        case .uncertain(let source, let copy):
            if options.depth == .content { return await read(source.key, difference, result) }
            do throws(StoreError) {
                let head = try await target.head(copy.key)
                if let tag = source.etag, head.metadata[MirrorLayout.tagStamp] == tag {
                    return result.equal(source.key)
                }
                result.add(difference) { $0.unproven += 1 }
            } catch {
                result.fail(MirrorFailure(key: copy.key, doing: .compare, side: .target, error: error))
            }
        }
    }

    private func readAll(_ keys: [ObjectKey], _ result: VerificationResult) async {
        await withTaskGroup(of: Void.self) { group in
            for (number, key) in keys.enumerated() {
                if number >= options.workers { await group.next() }
                group.addTask { await self.read(key, nil, result) }
            }
        }
    }

    /// - Parameter difference: what the listings said; nil for a key that counts as equal already.
    private func read(_ key: ObjectKey, _ difference: Difference?, _ result: VerificationResult) async {
        do throws(StoreError) {
            let (one, size) = try await digest(key, in: source)
            let (other, otherSize) = try await digest(key, in: target)
            result.read(size)
            if one == other {
                if difference != nil { result.equal(key) }
            } else if difference != nil {
                let (info, copy) = (ObjectInfo(key: key, size: size), ObjectInfo(key: key, size: otherSize))
                result.add(.changed(source: info, target: copy, .content)) { $0.different += 1 }
            } else {
                result.differsAfterAll(ObjectInfo(key: key, size: size))
            }
        } catch {
            result.fail(MirrorFailure(key: key, doing: .compare, side: .source, error: error))
        }
    }

    private func digest(_ key: ObjectKey, in store: any ObjectStore) async throws(StoreError) -> ([UInt8], Int64) {
        let object = try await store.get(key, options: GetOptions())
        var hash = SHA256()
        do {
            for try await chunk in object.body {
                chunk.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
            }
        } catch {
            throw StoreError(error, while: "reading '\(key)' from \(store.location)")
        }
        return (Array(hash.finalize()), object.info.size)
    }
}
