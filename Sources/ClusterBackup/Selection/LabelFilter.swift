package import KubernetesModel
package import VeleroAPI

/// Which objects a backup takes by their labels: one selector, or any of several.
package enum LabelFilter: Sendable, Hashable {
    case everything
    case one(LabelSelector)
    case anyOf([LabelSelector])

    package init(_ spec: BackupSpec) {
        if let selector = spec.labelSelector, !selector.isEverything {
            self = .one(selector)
        } else if !spec.orLabelSelectors.isEmpty {
            self = .anyOf(spec.orLabelSelectors)
        } else {
            self = .everything
        }
    }

    package var isEverything: Bool { self == .everything }

    /// What to ask the server for, one list each; nil for no selector.
    package var requests: [LabelSelector?] {
        switch self {
        case .everything: [nil]
        case .one(let selector): [selector]
        case .anyOf(let selectors): selectors
        }
    }

    /// Whether request number `index` is the first that brings the object. Lists of several selectors overlap; this keeps
    /// each object once without remembering any.
    package func isFirst(_ index: Int, for labels: [String: String]) -> Bool {
        guard case .anyOf(let selectors) = self else { return true }
        return !selectors[..<index].contains { $0.matches(labels) }
    }

    package func matches(_ labels: [String: String]) -> Bool {
        switch self {
        case .everything: true
        case .one(let selector): selector.matches(labels)
        case .anyOf(let selectors): selectors.contains { $0.matches(labels) }
        }
    }
}
