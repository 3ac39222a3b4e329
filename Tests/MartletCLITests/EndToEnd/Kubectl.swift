import MartletTestSupport
import Subprocess
import SystemPackage
import Testing

/// kubectl, to arrange and to check what the program under test must not be asked about.
struct Kubectl: Sendable {
    let program: String
    let kubeconfig: String

    /// - Parameter kubeconfig: of which cluster; that of the control plane for all tests if nil.
    init(kubeconfig: String? = nil) throws {
        self.kubeconfig = try kubeconfig ?? TestServers.address(of: .kubernetes)
        program = try #require(TestServers.kubectl, "MARTLET_TEST_KUBECTL is not set")
    }

    /// - Throws: if kubectl fails, with what it said.
    @discardableResult
    func callAsFunction(_ arguments: String...) async throws -> String {
        try await run(arguments, input: "")
    }

    @discardableResult
    func callAsFunction(_ arguments: [String]) async throws -> String {
        try await run(arguments, input: "")
    }

    /// Asks again until the cluster's controllers have come that far; ends with the test's time limit.
    func wait(until question: [String], gives answer: String) async throws {
        while try await run(question, input: "") != answer { try Task.checkCancellation() }
    }

    func apply(_ documents: String) async throws {
        try await run(["apply", "--filename", "-"], input: documents)
    }

    /// Deletes a namespace and waits until it is gone; one that does not exist is gone.
    func deleteNamespace(_ name: String) async throws {
        try await run(["delete", "namespace", name, "--ignore-not-found", "--wait", "--timeout=120s"], input: "")
    }

    @discardableResult
    private func run(_ arguments: [String], input: String) async throws -> String {
        let result = try await Subprocess.run(
            .path(FilePath(program)), arguments: Arguments(["--kubeconfig", kubeconfig] + arguments),
            input: .string(input), output: .string(limit: 16 << 20), error: .string(limit: 1 << 20))
        guard result.terminationStatus == .exited(0) else {
            throw Failure(description: "kubectl \(arguments): \(result.standardError)")
        }
        return result.standardOutput
    }

    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }
}
