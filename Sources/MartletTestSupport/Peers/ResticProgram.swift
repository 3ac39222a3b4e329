import Glibc

/// The real restic, as a referee: programs of that name on this machine.
package struct ResticProgram: Sendable, CustomStringConvertible {
    package let path: String

    package init(path: String) { self.path = path }

    /// That of the system, and the newer one that `scripts/peers` brings, as far as they are there. Where everything is
    /// required, those that should be there are among them in any case, so that their tests fail rather than have no cases.
    package static let all: [ResticProgram] = {
        let newer = TestServers.variable("MARTLET_PEER_RESTIC")
        return (["/usr/bin/restic"] + [newer].compactMap { $0 })
            .filter { TestServers.areRequired || access($0, X_OK) == 0 }.map(ResticProgram.init)
    }()

    /// Whether this is Debian 12's, of 2022, which says some things in other words.
    package var isOld: Bool { path == "/usr/bin/restic" }

    package var description: String { path }

    /// Runs restic on the repository `repository`, a folder or what restic calls a place.
    /// - Returns: exit code, standard output, standard error.
    package func run(
        _ arguments: [String], repository: String, password: String, in folder: String? = nil,
        environment: [String: String] = [:]
    ) throws -> ProgramRun {
        let variables = [
            "RESTIC_PASSWORD": password, "PATH": "/usr/bin:/bin", "HOME": "/root", "GOMAXPROCS": "2",
        ]
        return try ProgramRun(
            [path, "--repo", repository, "--no-cache"] + arguments, in: folder,
            environment: variables.merging(environment) { $1 })
    }
}

/// A program that ran to its end.
package struct ProgramRun: Sendable, CustomStringConvertible {
    package let command: [String]
    /// 128 and the signal's number if one ended it.
    package let exitCode: Int32
    package let output: String
    package let errors: String

    package var description: String { "\(command.joined(separator: " ")) -> \(exitCode)\n\(output)\(errors)" }

    /// Starts `command` with nothing but `environment` and with no signal blocked, waits for its end.
    package init(_ command: [String], in folder: String?, environment: [String: String]) throws {
        let command = folder.map { ["/usr/bin/env", "-C", $0] + command } ?? command
        self.command = command
        let output = try TemporaryFile()
        let errors = try TemporaryFile()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.descriptor, 1)
        posix_spawn_file_actions_adddup2(&actions, errors.descriptor, 2)
        // The threads of a test block most signals, and a program inherits that; bash then never hears of a SIGTERM.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var process = pid_t()
        let result = posix_spawn(&process, command[0], &actions, &attributes, &arguments, &variables)
        guard result == 0 else {
            throw ProgramError(command: command[0], number: result)
        }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        exitCode = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
        self.output = output.text
        self.errors = errors.text
    }
}

/// A program could not be started.
private struct ProgramError: Error {
    let command: String
    let number: Int32
}

/// A file without a name, for what a program prints.
private final class TemporaryFile {
    let descriptor: Int32

    init() throws {
        var template = Array("/tmp/martlet-output-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw ProgramError(command: "mkstemp", number: errno) }
        unlink(template)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit { close(descriptor) }

    var text: String {
        lseek(descriptor, 0, SEEK_SET)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while case let count = read(descriptor, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
