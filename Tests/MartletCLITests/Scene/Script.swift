import MartletTestSupport
import Subprocess
import SystemPackage

/// The project's own scripts, which the scene is set up with. They run in the package's folder, as the tests do.
enum Script {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// - Returns: what the script wrote to standard output.
    /// - Throws: `Failure` with everything that it said, if it fails.
    @discardableResult
    static func run(_ name: String, _ arguments: String...) async throws -> String {
        let result = try await Subprocess.run(
            .path("/bin/bash"), arguments: Arguments(["scripts/\(name)"] + arguments),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        guard result.terminationStatus == .exited(0) else {
            let said = "\(result.standardOutput)\(result.standardError)"
            throw Failure(description: "scripts/\(name) \(arguments): \(result.terminationStatus)\n\(said)")
        }
        return result.standardOutput
    }
}
