/// How much a prune may leave and may move.
package struct PruneOptions: Sendable, Hashable {
    /// How many unused bytes may stay in packs that are otherwise needed.
    package enum Unused: Sendable, Hashable {
        case bytes(Int64)
        /// Of what the repository holds afterwards, 0 to 100.
        case percent(Double)
        case unlimited
    }

    package var maxUnused = Unused.percent(5)
    /// Packs are rewritten only as long as the bytes read for it stay below this; nil for no limit.
    package var maxRepackBytes: Int64?
    /// Only packs of trees are rewritten: those that clients cache.
    package var repacksTreesOnly = false
    /// Packs with uncompressed data are rewritten too; of format version 2 only. Those with uncompressed trees always are.
    package var repacksUncompressed = false
    /// Packs below this many bytes are gathered into larger ones; nil for a limit that follows from the pack sizes.
    package var smallPackBytes: Int?
    package var targetPackBytes = 16 << 20

    package init() {}
}
