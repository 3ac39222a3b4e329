package import Basics
package import KubernetesModel

/// What a practice cluster is like. The defaults are a small, open, prompt cluster of version 1.20.
package struct PracticeSettings: Sendable {
    /// Which Kubernetes it behaves like.
    package struct Version: Sendable, Hashable {
        package let minor: Int
        package let patch: Int

        package init(minor: Int, patch: Int) {
            self.minor = minor
            self.patch = patch
        }

        package static let oldest = Version(minor: 20, patch: 2)
        package static let newest = Version(minor: 34, patch: 1)

        package var text: String { "v1.\(minor).\(patch)" }
        /// One request for all kinds, instead of one for each group and version.
        package var hasAggregatedDiscovery: Bool { minor >= 27 }
        /// A Secret with a token for each service account.
        package var makesTokenSecrets: Bool { minor < 24 }
        /// The label `kubernetes.io/metadata.name` on namespaces.
        package var labelsNamespaces: Bool { minor >= 21 }
    }

    /// When the controllers (namespaces, definitions, garbage, volumes) do their work.
    package enum Controllers: Sendable {
        /// After each write, so that the next request sees the result.
        case prompt
        /// When `tick()` or `settle()` is called.
        case manual
    }

    package struct User: Sendable, Hashable {
        package var name: String
        package var groups: [String]

        package init(_ name: String, groups: [String] = ["system:authenticated"]) {
            self.name = name
            self.groups = groups
        }
    }

    /// What a user must not do. A nil field stands for everything.
    package struct Denial: Sendable {
        package var user: String?
        package var verbs: Set<String>?
        package var resource: GroupResource?
        package var namespace: String?

        package init(
            user: String? = nil, verbs: Set<String>? = nil, resource: GroupResource? = nil, namespace: String? = nil
        ) {
            self.user = user
            self.verbs = verbs
            self.resource = resource
            self.namespace = namespace
        }
    }

    package var version = Version.oldest
    package var controllers = Controllers.prompt
    /// Empty: everybody may do everything without a token. Else a request without one is `system:anonymous`, which may
    /// do nothing, and one with an unknown token is answered with 401.
    package var users: [Secret: User] = [:]
    package var denials: [Denial] = []
    /// Whether writes are recorded in `metadata.managedFields`. Costs time and memory; server-side apply finds
    /// conflicts with updates only if they are recorded.
    package var recordsManagedFields = false
    /// How many changes of each kind can be watched from afterwards, and how far back a list can be continued.
    package var historyLimit = 10_000
    /// Larger bodies are answered with 413, as by the API server.
    package var maximumRequestBytes = 3 << 20
    /// More requests than this at a time are answered with 429. Only delayed ones take time.
    package var maximumInFlight = 400
    /// The time at the beginning; it stands still until `advance(by:)`.
    package var start = Timestamp(seconds: 1_767_225_600)
    /// The identity of the object with this sequence number.
    package var uid: @Sendable (Int) -> String = { number in
        let digits = String(number, radix: 16)
        return "00000000-0000-4000-8000-" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    }
    /// Where generated names and cluster addresses begin.
    package var seed: UInt64 = 1

    package init() {}
}
