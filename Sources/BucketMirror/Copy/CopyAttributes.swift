import Basics
import ObjectStorage

/// What a copy carries beside its bytes. Pure.
struct CopyAttributes: Sendable {
    let options: MirrorOptions
    let wallClock: WallClock

    /// - Parameters:
    ///   - tags: of the source, as far as they are copied.
    ///   - isProven: the tags of both sides will show that they are equal.
    func putOptions(for source: ObjectInfo, tags: [String: String], isProven: Bool) -> PutOptions {
        var put = PutOptions(contentType: source.contentType, metadata: source.metadata)
        if put.metadata.keys.contains(where: { $0.hasPrefix(MirrorLayout.stampPrefix) }) {
            put.metadata = put.metadata.filter { !$0.key.hasPrefix(MirrorLayout.stampPrefix) }
        }
        put.headers = source.headers
        put.tags = tags
        put.storageClass = options.storageClass
        if !options.addedMetadata.isEmpty { put.metadata.merge(options.addedMetadata) { $1 } }
        if !options.addedHeaders.isEmpty { put.headers.merge(options.addedHeaders) { $1 } }
        let wantsStamp =
            switch options.stamps {
            case .always: true
            case .whenNeeded: !isProven
            case .never: false
            }
        put.retention = options.lock?.retention(from: wallClock.now())
        if wantsStamp { stamp(&put, source) }
        return put
    }

    private func stamp(_ put: inout PutOptions, _ source: ObjectInfo) {
        if let tag = source.etag { put.metadata[MirrorLayout.tagStamp] = tag }
        // A copy that is copied on keeps the time of the original.
        let time = source.metadata[MirrorLayout.timeStamp] ?? source.lastModified?.description
        if let time { put.metadata[MirrorLayout.timeStamp] = time }
    }
}
