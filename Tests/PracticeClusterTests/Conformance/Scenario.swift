import HTTPTypes
import KubernetesModel
import Testing

/// A conversation that a practice cluster and a real API server must answer alike.
struct Scenario: Sendable, CustomTestStringConvertible {
    let name: String
    /// Answers that are known to differ, by question, with the reason. The code is compared all the same, unless the
    /// difference says otherwise.
    var known: [KnownDifference] = []
    let talk: @Sendable (Dialogue, Paths) async throws -> Void

    var testDescription: String { name }

    /// Where a scenario keeps its objects: a namespace of its own.
    struct Paths: Sendable {
        let namespace: String
        var core: String { "/api/v1/namespaces/\(namespace)" }
        func group(_ groupVersion: String) -> String { "/apis/\(groupVersion)/namespaces/\(namespace)" }
        var itself: String { "/api/v1/namespaces/\(namespace)" }
    }

    struct KnownDifference: Sendable {
        /// The end of the question.
        let question: String
        /// The part of the answer that is not compared; empty for all of it.
        let path: [String]
        let reason: String
    }

    /// Runs the conversation in a fresh namespace and leaves nothing behind.
    func run(on server: Dialogue.Server) async throws -> [Dialogue.Exchange] {
        let dialogue = Dialogue(server)
        let paths = Paths(namespace: "conform-\(name)")
        try await dialogue.silently(.delete, paths.itself)
        try await dialogue.wait(for: paths.itself) { code, _ in code == 404 }
        try await dialogue.silently(.post, "/api/v1/namespaces", ["metadata": ["name": .string(paths.namespace)]])
        // Pods are only admitted once the service account has its token.
        try await dialogue.wait(for: "\(paths.core)/serviceaccounts/default") { code, answer in
            code == 200 && !(answer["secrets"]?.array ?? []).isEmpty
        }
        try await dialogue.wait(for: "\(paths.core)/configmaps/kube-root-ca.crt") { code, _ in code == 200 }
        do {
            try await talk(dialogue, paths)
        } catch {
            try await dialogue.silently(.delete, paths.itself)
            throw error
        }
        try await dialogue.silently(.delete, paths.itself)
        return dialogue.exchanges
    }

    /// The exchanges without what is known to differ.
    func comparable(_ exchanges: [Dialogue.Exchange]) -> [Dialogue.Exchange] {
        exchanges.map { exchange in
            var answer = exchange.answer
            for difference in known where exchange.question.hasSuffix(difference.question) {
                if difference.path.isEmpty { answer = .string("(not compared: \(difference.reason))") }
                if !difference.path.isEmpty { answer[difference.path] = nil }
            }
            return Dialogue.Exchange(question: exchange.question, code: exchange.code, answer: answer)
        }
    }
}
