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
}

struct Copy: Sendable {
    /// From the answer that the bytes came with: a state that the source really had.
    let source: ObjectInfo
    let target: ObjectInfo
    /// The tags of both sides show that the bytes are equal.
    let tagsAgree: Bool
}

/// Where an object lies at the source, if not under its own key in its present version.
struct ObjectOrigin: Sendable, Hashable {
    var key: ObjectKey
    var versionID: String?
    /// The copy is to carry a stamp, whatever its tag.
    var stamps = false
}
