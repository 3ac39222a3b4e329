import FoundationEssentials
import Subprocess
import SystemPackage

/// `stage-writer` in the database's pod: inserts row after row, and says which are safe.
struct RowWriter: Sendable {
    private let path: String

    /// The number of the last row that the database has said to be safe; 0 if there is none yet.
    var acknowledged: Int {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return 0 }  // Not written to yet.
        // The last line may be half written.
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().last.flatMap { Int($0) } ?? 0
    }

    /// Returns when the row after `number` is safe; ends with the test's time limit.
    func wait(beyond number: Int) async throws {
        while acknowledged <= number { try await Task.sleep(for: .milliseconds(20)) }
    }

    /// Writes while `body` runs, and ends after the row that is under way.
    /// - Returns: what `body` returns, and the number of the last safe row.
    /// - Throws: also if the writer failed, with what it said.
    static func with<Result: Sendable>(
        _ kubectl: Kubectl, log path: String, _ body: @Sendable (RowWriter) async throws -> Result
    ) async throws -> (result: Result, last: Int) {
        let log = try FileDescriptor.open(
            FilePath(path), .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
        let writer = RowWriter(path: path)
        let run = try await Subprocess.run(
            .path(FilePath(kubectl.program)),
            arguments: [
                "--kubeconfig", kubectl.kubeconfig, "--namespace", "radar", "exec", "--stdin", "postgresql-0",
                "--container", "postgresql", "--", "stage-writer",
            ],
            input: .inputWriter, output: .fileDescriptor(log, closeAfterSpawningProcess: true),
            error: .string(limit: 1 << 16)
        ) { execution in
            do {
                try await writer.wait(beyond: 0)
                let result = try await body(writer)
                try await execution.standardInputWriter.finish()
                return result
            } catch {
                try? execution.send(signal: .kill)  // It may hang on a frozen file system; gone is as good.
                throw error
            }
        }
        guard run.terminationStatus == .exited(0) else {
            throw Script.Failure(description: "stage-writer: \(run.terminationStatus) \(run.standardError)")
        }
        return (run.closureResult, writer.acknowledged)
    }
}
