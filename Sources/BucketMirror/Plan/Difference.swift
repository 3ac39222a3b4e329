import Basics
package import ObjectStorage

/// How one key differs between two sides.
package enum Difference: Sendable, Hashable {
    /// The source has it, the target does not.
    case missing(ObjectInfo)
    /// Both have it with different content.
    case changed(source: ObjectInfo, target: ObjectInfo, Reason)
    /// Both have it in the same size, and the tags do not tell whether the content is the same: the target must be asked.
    case uncertain(source: ObjectInfo, target: ObjectInfo)
    case equal(source: ObjectInfo, target: ObjectInfo)
    /// Only the target has it.
    case extra(ObjectInfo)

    package enum Reason: String, Sendable, CaseIterable { case missing, size, content, annotations, event, restore }

    package var key: ObjectKey {
        switch self {
        case .missing(let info), .extra(let info): info.key
        case .changed(let source, _, _), .uncertain(let source, _), .equal(let source, _): source.key
        }
    }
}
