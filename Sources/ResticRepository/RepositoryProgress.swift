/// How far long work has come.
package struct RepositoryProgress: Sendable, Hashable {
    package enum Stage: String, Sendable, Hashable, CaseIterable {
        case findingUsedBlobs, readingPacks, readingTrees, repacking, rewritingIndex, removingPacks, copying
    }

    package var stage: Stage
    package var done: Int
    /// Nil if nobody knows yet.
    package var total: Int?
    /// In bytes; 0 where bytes do not matter.
    package var bytes: Int64
}

/// Told now and then by several tasks at once; must be quick.
package typealias ProgressReport = @Sendable (RepositoryProgress) -> Void
