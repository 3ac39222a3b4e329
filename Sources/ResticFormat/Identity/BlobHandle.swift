/// What a blob holds. The same 32 bytes as data and as tree are two different blobs.
package enum BlobKind: UInt8, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    /// A piece of a file's content.
    case data = 0
    /// The text of one directory.
    case tree = 1

    package var description: String {
        switch self {
        case .data: "data"
        case .tree: "tree"
        }
    }
}

/// The identity of a blob in the index.
package struct BlobHandle: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let id: ResticID
    package let kind: BlobKind

    package init(_ kind: BlobKind, _ id: ResticID) {
        self.id = id
        self.kind = kind
    }

    package static func < (left: BlobHandle, right: BlobHandle) -> Bool {
        left.id == right.id ? left.kind.rawValue < right.kind.rawValue : left.id < right.id
    }

    /// `tree 2668cd37`
    package var description: String { "\(kind) \(id.shortDescription)" }
}
