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

extension ObjectCopier {
    /// In parts, read and written side by side, all of one state of the source: each read says which.
    func copyInParts(
        _ info: ObjectInfo, to key: ObjectKey, _ orders: CopyOrders
    ) async throws(CopyFailure) -> Copy {
        guard let tag = info.etag else {
            throw CopyFailure(
                .read, StoreError(.unsupported, "'\(info.key)' has no tag: its parts could be of several states"))
        }
        let layout = try await layout(of: info)
        let isProven = layout.isSources
        let put = attributes.putOptions(for: info, tags: try await tags(of: info), isProven: isProven && !orders.stamps)
        let (upload, sent) = try await beginOrContinue(key, tag, layout, put)
        do throws(CopyFailure) {
            let parts = try await send(layout, of: info, tag, to: upload, sent)
            try await orders.prepare()
            let written = try await complete(upload, parts)
            uploads?.forget(key)
            return Copy(source: info, target: written, tagsAgree: isProven && written.etag == info.etag)
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
                if Int64(part.size) == layout.sizes[part.number - 1] { parts[part.number] = part }
            }
            return parts
        } catch {
            if error.code == .notFound || error.code == .unsupported { return nil }
            throw error
        }
    }

    private func send(
        _ layout: PartLayout, of info: ObjectInfo, _ tag: String, to upload: any ObjectUpload,
        _ sent: [Int: UploadedPart]
    ) async throws(CopyFailure) -> [UploadedPart] {
        let missing = (1...layout.sizes.count).filter { sent[$0] == nil }
        do {
            let fresh = try await mapConcurrently(missing, limit: options.partWorkers) { number in
                try await self.sendPart(number, layout.range(of: number), of: info, tag, to: upload)
            }
            return (fresh + sent.values).sorted { $0.number < $1.number }
        } catch let failure as CopyFailure {
            throw failure
        } catch {
            throw CopyFailure(.write, StoreError(error, while: "copying '\(info.key)'"))
        }
    }

    private func sendPart(
        _ number: Int, _ range: Range<Int64>, of info: ObjectInfo, _ tag: String, to upload: any ObjectUpload
    ) async throws(CopyFailure) -> UploadedPart {
        let reservation = await budget.reserve(Int64(range.count))
        defer { withExtendedLifetime(reservation) {} }
        let wanted = GetOptions(range: range.isEmpty ? nil : range, ifMatch: tag, versionID: info.versionID)
        guard let object = try await getIfPresent(info.key, options: wanted) else {
            throw CopyFailure(.read, changed(info))
        }
        let bytes = try await collect(object, length: Int64(range.count))
        guard bytes.readableBytes == range.count, object.info.etag == tag || object.info.etag == nil else {
            throw CopyFailure(.read, changed(info))
        }
        do throws(StoreError) {
            return try await upload.upload(bytes, as: number)
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
        await Task.apart { try? await upload.abort() }.value
    }
}
