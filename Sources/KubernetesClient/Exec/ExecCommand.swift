internal import KubernetesModel

/// A command to run in a container of a pod.
package struct ExecCommand: Sendable, Hashable {
    package var namespace: String
    package var pod: String
    /// Nil: the server decides, which works for pods with one container alone.
    package var container: String?
    /// The program and its arguments; no shell is involved.
    package var command: [String]
    /// What is kept of each of the two outputs; the rest is read and thrown away.
    package var outputLimit: Int

    package init(
        namespace: String, pod: String, container: String? = nil, command: [String], outputLimit: Int = 64 << 10
    ) {
        self.namespace = namespace
        self.pod = pod
        self.container = container
        self.command = command
        self.outputLimit = outputLimit
    }

    static let pods = ResourceKind(
        groupVersion: GroupVersion(apiVersion: "v1"), resource: "pods", kind: "Pod", isNamespaced: true)
}

/// What a command wrote to one of its outputs, from the beginning.
package struct ExecOutput: Sendable, Hashable {
    package private(set) var bytes: [UInt8] = []
    /// Bytes that came beyond the limit and were not kept.
    package private(set) var dropped = 0
    private let limit: Int

    package init(limit: Int) { self.limit = limit }

    package mutating func append(_ more: ArraySlice<UInt8>) {
        let kept = more.prefix(max(0, limit - bytes.count))
        bytes += kept
        dropped += more.count - kept.count
    }

    package var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// How a command ended that did run.
package struct ExecResult: Sendable, Hashable {
    package var exitCode: Int
    package var stdout: ExecOutput
    package var stderr: ExecOutput

    package init(exitCode: Int, stdout: ExecOutput = ExecOutput(limit: 0), stderr: ExecOutput = ExecOutput(limit: 0)) {
        self.exitCode = exitCode
        self.stdout = stdout
        self.stderr = stderr
    }

    package var hasSucceeded: Bool { exitCode == 0 }

    /// The last line that the command wrote, stderr before stdout; at most 200 characters, control characters as `?`.
    package var lastWords: String {
        for output in [stderr, stdout] {
            let lines = output.text.split { $0.isNewline }
            guard let line = lines.last(where: { line in line.contains { !$0.isWhitespace } }) else { continue }
            return line.prefix(200).unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "?" : String($0) }
                .joined()
        }
        return ""
    }
}
