package import Basics

/// What finding a cluster needs of the machine: files, environment, programs, time. Passed in, so that all of it can be tried
/// without a machine.
package struct Machine: Sendable {
    package var environment: [String: String]
    /// Nil if nobody knows.
    package var homeFolder: String?
    /// Paths that start with no slash are relative to it.
    package var workingFolder: String
    /// Whether somebody sits at standard input who could answer a credential plug-in's questions.
    package var isInteractive: Bool
    package var clock: WallClock
    /// The contents of a file; nil if there is none.
    package var readFile: @Sendable (_ path: String) throws -> [UInt8]?
    package var runPlugin: @Sendable (PluginCommand) async throws -> PluginOutput

    package init(
        environment: [String: String], homeFolder: String?, workingFolder: String, isInteractive: Bool,
        clock: WallClock, readFile: @escaping @Sendable (String) throws -> [UInt8]?,
        runPlugin: @escaping @Sendable (PluginCommand) async throws -> PluginOutput
    ) {
        self.environment = environment
        self.homeFolder = homeFolder
        self.workingFolder = workingFolder
        self.isInteractive = isInteractive
        self.clock = clock
        self.readFile = readFile
        self.runPlugin = runPlugin
    }

    /// `path` as seen from `folder`.
    static func resolve(_ path: String, in folder: String) -> String {
        path.hasPrefix("/") || folder.isEmpty ? path : folder + (folder.hasSuffix("/") ? "" : "/") + path
    }

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The text of a file that must exist.
    /// - Throws: `.configuration` that names the file and what names it.
    func text(of path: String, for purpose: String) throws(APIError) -> String {
        let bytes: [UInt8]?
        do {
            bytes = try readFile(path)
        } catch {
            throw APIError(.configuration, "\(purpose): cannot read \(path): \(error)", cause: error)
        }
        guard let bytes else { throw APIError(.configuration, "\(purpose): there is no file \(path)") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw APIError(.configuration, "\(purpose): \(path) is no text")
        }
        return text
    }
}

/// A program to run for credentials.
package struct PluginCommand: Sendable, Hashable {
    /// A path, or a name to look for in `PATH`.
    package var program: String
    package var arguments: [String]
    /// The whole environment of the program.
    package var environment: [String: String]
    /// Whether it may read from the terminal.
    package var isInteractive: Bool

    package init(program: String, arguments: [String], environment: [String: String], isInteractive: Bool) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.isInteractive = isInteractive
    }
}

package struct PluginOutput: Sendable {
    /// 0 for success.
    package var exitCode: Int
    package var output: Secret
    package var errors: String

    package init(exitCode: Int, output: Secret, errors: String) {
        self.exitCode = exitCode
        self.output = output
        self.errors = errors
    }
}
