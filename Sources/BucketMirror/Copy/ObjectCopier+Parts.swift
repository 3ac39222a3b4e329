import Basics
import NIOCore
import ObjectStorage
import Synchronization

/// Remembers uploads that are under way, so that a mirror which was killed goes on with them.
protocol UploadMemory: Sendable {
    /// The upload that was begun for this key, and for which state of the source.
    func upload(of key: ObjectKey) -> (id: String, sourceTag: String)?
    func remember(_ id: String, of key: ObjectKey, sourceTag: String)
    func forget(_ key: ObjectKey)
}

/// One object on its way in parts.
private struct PartsTrip: Sendable {
    let info: ObjectInfo
    let tag: String
    let layout: PartLayout
    let upload: any ObjectUpload
    /// Parts that an earlier run sent.
    let sent: [Int: UploadedPart]
}

/// What was sent, and what it sums up to as the tag of the source would say it.
private struct SentParts: Sendable {
    var parts: [UploadedPart]
    /// Of the parts, or of the whole; nil where the tag speaks of neither.
    var sums: [[UInt8]]?
}

extension ObjectCopier {
    /// In parts, all of one state of the source: each read says which. They are joined only when the bytes that were sent
    /// are known to be those that the tag of the source speaks of, so that nothing damaged is ever seen.
    func copyInParts(
        _ info: ObjectInfo, to key: ObjectKey, _ orders: CopyOrders
    ) async throws(CopyFailure) -> Copy {
        guard let tag = info.etag else {
            throw CopyFailure(
                .read, StoreError(.unsupported, "'\(info.key)' has no tag: its parts could be of several states"))
        }
        let layout = try await layout(of: info)
        let showsItself = layout.isSources && !orders.stamps && !targetIsOpaque
        let put = attributes.putOptions(for: info, tags: try await tags(of: info), isProven: showsItself)
        let (upload, sent) = try await beginOrContinue(key, tag, layout, put)
        do throws(CopyFailure) {
            let trip = PartsTrip(info: info, tag: tag, layout: layout, upload: upload, sent: sent)
            let parts = try await sendProven(trip, orders)
            try await orders.prepare()
            let written = try await complete(upload, parts)
            uploads?.forget(key)
            if layout.isSources, written.etag != info.etag { opaque.store(true, ordering: .relaxed) }
            return Copy(source: info, target: written)
        } catch {
            // Kept for the next try only if that can go on with it: the source is unchanged.
            if uploads == nil || error.asksForRestart { await giveUp(upload, key) }
            throw error
        }
    }

    private func layout(of info: ObjectInfo) async throws(CopyFailure) -> PartLayout {
        var told: [Int64]?
        if case .joined = ContentTag(info.etag) {
            do throws(StoreError) {
                told = try await source.features.partSizes(of: info)
            } catch {
                throw CopyFailure(.read, error)
            }
        }
        return PartLayout(size: info.size, told: told, tag: info.etag, partSize: options.partSize.bytes)
    }

    private func beginOrContinue(
        _ key: ObjectKey, _ tag: String, _ layout: PartLayout, _ put: PutOptions
    ) async throws(CopyFailure) -> (any ObjectUpload, [Int: UploadedPart]) {
        do throws(StoreError) {
            if let begun = uploads?.upload(of: key) {
                let old = try await target.features.continueUpload(begun.id, at: key, options: put)
                if begun.sourceTag == tag, let sent = try await sentParts(begun.id, key, layout) { return (old, sent) }
                // Of a state that is gone: its parts would stay, unseen and paid for.
                await giveUp(old, key)
            }
            let upload = try await target.beginUpload(at: key, options: put)
            if let id = upload.id { uploads?.remember(id, of: key, sourceTag: tag) }
            return (upload, [:])
        } catch {
            throw CopyFailure(.write, error)
        }
    }

    /// The parts that are there already and have the right length; nil if the upload is gone.
    private func sentParts(
        _ id: String, _ key: ObjectKey, _ layout: PartLayout
    ) async throws(StoreError) -> [Int: UploadedPart]? {
        do throws(StoreError) {
            let sent = try await target.features.sentParts(of: id, at: key)
            var parts: [Int: UploadedPart] = [:]
            for part in sent where (1...layout.sizes.count).contains(part.number) {
                // A tag that says nothing of the bytes cannot be part of the proof.
                guard ContentTag(part.etag) == .digest || !layout.isSources else { continue }
                if Int64(part.size) == layout.sizes[part.number - 1] { parts[part.number] = part }
            }
            return parts
        } catch {
            if error.code == .notFound || error.code == .unsupported { return nil }
            throw error
        }
    }

    // MARK: Sending

    /// Sends the parts that are missing.
    /// - Throws: `.integrity` if they are not what the tag of the source speaks of: it is begun again.
    private func sendProven(_ trip: PartsTrip, _ orders: CopyOrders) async throws(CopyFailure) -> [UploadedPart] {
        let isWhole = ContentTag(trip.tag) == .digest && !doubtful.load(ordering: .relaxed)
        let sent: SentParts
        do {
            sent = isWhole ? try await sendInOrder(trip) : try await sendSideBySide(trip)
        } catch let failure as CopyFailure {
            throw failure
        } catch {
            throw CopyFailure(.write, StoreError(error, while: "copying '\(trip.info.key)'"))
        }
        if let sums = sent.sums {
            try await prove(sums, of: isWhole ? [trip.info.size] : trip.layout.sizes, trip.info, orders)
        }
        return sent.parts.sorted { $0.number < $1.number }
    }

    /// Read and written side by side. The sums are those of the parts, where they are the source's own.
    private func sendSideBySide(_ trip: PartsTrip) async throws -> SentParts {
        let missing = (1...trip.layout.sizes.count).filter { trip.sent[$0] == nil }
        let sums = trip.layout.isSources && !doubtful.load(ordering: .relaxed)
        let fresh = try await mapConcurrently(missing, limit: options.partWorkers) { number in
            let (bytes, reservation) = try await self.readPart(number, trip)
            defer { withExtendedLifetime(reservation) {} }
            let part = try await self.writePart(number, bytes, trip)
            return (part, sums ? part.sum ?? MD5Sum.of(bytes) : [])
        }
        var sumOf: [Int: [UInt8]] = [:]
        for (part, sum) in fresh { sumOf[part.number] = sum }
        for part in trip.sent.values { sumOf[part.number] = Hex.decode(part.etag) ?? [] }
        let parts = fresh.map(\.0) + trip.sent.values
        return SentParts(parts: parts, sums: sums ? sumOf.sorted { $0.key < $1.key }.map(\.value) : nil)
    }

    /// Read one after the other, since the tag is the sum of all the bytes, and written side by side. What an earlier run
    /// sent is read again, for the sum, and not written.
    private func sendInOrder(_ trip: PartsTrip) async throws -> SentParts {
        var sums = PartSums(sizes: [trip.info.size])
        let parts = try await withThrowingTaskGroup(of: UploadedPart.self) { group in
            var parts: [UploadedPart] = []
            var running = 0
            for number in 1...trip.layout.sizes.count {
                if running == options.partWorkers, let part = try await group.next() {
                    parts.append(part)
                    running -= 1
                }
                let (bytes, reservation) = try await readPart(number, trip)
                sums.update(bytes)
                if let old = trip.sent[number], old.etag == Hex.encode(MD5Sum.of(bytes)) {
                    parts.append(old)
                    continue
                }
                running += 1
                group.addTask {
                    defer { withExtendedLifetime(reservation) {} }
                    return try await self.writePart(number, bytes, trip)
                }
            }
            while let part = try await group.next() { parts.append(part) }
            return parts
        }
        return SentParts(parts: parts, sums: sums.finish() ?? [])
    }

    private func readPart(
        _ number: Int, _ trip: PartsTrip
    ) async throws(CopyFailure) -> (ByteBuffer, ByteBudget.Reservation) {
        let (range, info) = (trip.layout.range(of: number), trip.info)
        let reservation = await budget.reserve(Int64(range.count))
        let wanted = GetOptions(range: range.isEmpty ? nil : range, ifMatch: trip.tag, versionID: info.versionID)
        guard let object = try await getIfPresent(info.key, options: wanted) else {
            throw CopyFailure(.read, changed(info))
        }
        let bytes = try await collect(object, length: Int64(range.count))
        guard bytes.readableBytes == range.count, object.info.etag == trip.tag || object.info.etag == nil else {
            throw CopyFailure(.read, changed(info))
        }
        return (bytes, reservation)
    }

    private func writePart(
        _ number: Int, _ bytes: ByteBuffer, _ trip: PartsTrip
    ) async throws(CopyFailure) -> UploadedPart {
        do throws(StoreError) {
            return try await trip.upload.upload(bytes, as: number)
        } catch {
            throw CopyFailure(.write, error)
        }
    }

    private func complete(
        _ upload: any ObjectUpload, _ parts: [UploadedPart]
    ) async throws(CopyFailure) -> ObjectInfo {
        do throws(StoreError) {
            return try await upload.complete(parts)
        } catch {
            throw CopyFailure(.write, error)
        }
    }

    /// Although the task may be cancelled already: a cancelled request would leave the parts in the store.
    private func giveUp(_ upload: any ObjectUpload, _ key: ObjectKey) async {
        uploads?.forget(key)
        // A store that cannot end it now keeps the parts; `openUploads` shows them.
        await Task.apart { try? await upload.abort() }.value
    }
}
