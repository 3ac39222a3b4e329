import ObjectStorage

/// Why one object was not copied, and on which side it happened.
struct CopyFailure: Error {
    let doing: MirrorFailure.Doing
    let side: MirrorError.Side
    let error: StoreError

    init(_ doing: MirrorFailure.Doing, _ error: StoreError) {
        self.doing = doing
        self.error = error
        side = doing == .read ? .source : .target
    }

    init(_ doing: MirrorFailure.Doing, _ side: MirrorError.Side, _ error: StoreError) {
        self.doing = doing
        self.side = side
        self.error = error
    }

    /// The object changed under our hands, or its bytes were not those that were announced: begin again with what it is
    /// now.
    var asksForRestart: Bool { error.code == .preconditionFailed || error.code == .integrity }

    /// Neither side will do better with the next object: credentials, a full disk, a bucket that is gone.
    var concernsAll: Bool {
        switch error.code {
        case .unauthorized, .limitExceeded: true
        case .forbidden: side == .target
        case .notFound: side == .target
        default: false
        }
    }
}

/// What became of one object.
enum CopyResult: Sendable {
    case copied(Copy)
    /// The source does not have it any more.
    case vanished
    /// It is what was copied before.
    case unchanged
}

/// What else is asked of one copy.
struct CopyOrders: Sendable {
    /// What was copied last; the same is not copied again.
    var known: IndexEntry?
    /// Nothing but a stamp told this object from another before, or would have.
    var stamps = false
    /// Anything else than the object with this tag is as good as nothing.
    var wantedTag: String?
    /// It is certain that the tag, if it looks like one, is the sum of the bytes: others are damaged, however often they
    /// are read.
    var tagIsSum = false
    /// Called when the bytes are in hand, before the target is changed; perhaps again in a later try.
    var prepare: @Sendable () async throws(CopyFailure) -> Void = {}

    func check(_ info: ObjectInfo) throws(CopyFailure) {
        guard let wantedTag, info.etag != wantedTag else { return }
        throw CopyFailure(
            .read,
            StoreError(.notFound, "'\(info.key)' has the tag '\(info.etag ?? "")', '\(wantedTag)' is needed"))
    }

    func isKnown(_ info: ObjectInfo) -> Bool {
        guard let known, let tag = info.etag else { return false }
        return known.tag == tag && known.size == info.size
    }
}

struct Copy: Sendable {
    /// From the answer that the bytes came with: a state that the source really had.
    let source: ObjectInfo
    let target: ObjectInfo
}

/// Where an object lies at the source, if not under its own key in its present version.
struct ObjectOrigin: Sendable, Hashable {
    var key: ObjectKey
    var versionID: String?
}
