import Basics
import ObjectStorage

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
package struct MirrorVerification: Sendable {
    let source: MirrorEndpoint
    let target: MirrorEndpoint
    let options: VerificationOptions
    let tools: MirrorTools

    package init(source: MirrorEndpoint, target: MirrorEndpoint, options: VerificationOptions, tools: MirrorTools) {
        self.source = source
        self.target = target
        self.options = options
        self.tools = tools
    }

    package func run() async throws(MirrorError) -> VerificationReport {
        throw MirrorError(.invalid, "verification is not built yet")
    }
}

package struct VerificationReport: Sendable {
    /// Keys of both sides together.
    package var keys = 0
    package var equal = 0
    package var missing = 0
    package var different = 0
    package var extra = 0
    /// Same size, and nothing shows whether the content is the same.
    package var unproven = 0
    /// Objects whose bytes were read on both sides, and how many.
    package var contentsRead = 0
    package var bytesRead: Int64 = 0
    package var failures: [MirrorFailure] = []
    /// The first differences, 1,000 at most.
    package var differences: [Difference] = []
    package var elapsed: Duration = .zero

    package init() {}

    package var isEqual: Bool {
        missing == 0 && different == 0 && extra == 0 && unproven == 0 && failures.isEmpty
    }
}
