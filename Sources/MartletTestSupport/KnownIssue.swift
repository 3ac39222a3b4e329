package import Testing

/// Marks a test that is known to fail, and why. It runs all the same: what it records counts as a known issue in the
/// summary. Take the mark off with the repair.
package struct KnownIssue: TestTrait, SuiteTrait, TestScoping {
    private let reason: String

    fileprivate init(_ reason: String) { self.reason = reason }

    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        // Intermittent, because some cases of a test with arguments pass.
        await withKnownIssue("\(reason)", isIntermittent: true) { try await function() }
    }
}

extension Trait where Self == KnownIssue {
    package static func knownIssue(_ reason: String) -> KnownIssue { KnownIssue(reason) }
}
