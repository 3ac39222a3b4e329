import Glibc
import Synchronization

/// A program that runs beside us and whose standard output is read. It has our standard error, and nothing to read.
package final class OutputStreamProgram: Sendable {
    /// What it prints.
    package let output: Descriptor
    private let name: String
    /// Nil once it was waited for.
    private let process: Mutex<pid_t?>

    /// - Parameters:
    ///   - words: a path, or a name to look for in `PATH`, and the arguments.
    ///   - environment: all that it has.
    /// - Throws: `.failed` if it cannot be started.
    package init(_ words: [String], environment: [String: String]) throws(FileError) {
        guard let name = words.first else { throw FileError(.invalid, "no program was named") }
        self.name = name
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw FileError(.failed, "a pipe cannot be made: \(SystemError.last)")
        }
        // Programs that others start meanwhile must not hold our ends open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        output = Descriptor(ends[0])
        let started = OutputStreamProgram.start(words, environment, output: ends[1])
        close(ends[1])
        switch started {
        case .success(let id): process = Mutex(id)
        case .failure(let error): throw FileError(.failed, "'\(name)' cannot be started: \(error)")
        }
    }

    private static func start(
        _ words: [String], _ environment: [String: String], output: Int32
    ) -> Result<pid_t, SystemError> {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        // What this process ignores, and what its threads hold back, the program is to take as any other does.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var pipe = sigset_t()
        sigemptyset(&pipe)
        sigaddset(&pipe, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &pipe)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var process = pid_t()
        let result = posix_spawnp(&process, words[0], &actions, &attributes, &arguments, &variables)
        return result == 0 ? .success(process) : .failure(SystemError(number: result))
    }

    /// Whoever does not want to know how it ended ends it: it would wait for a reader for ever. It is not asked, since it may
    /// be waiting just now.
    deinit {
        guard let process = process.withLock({ $0 }) else { return }
        kill(process, SIGKILL)
        _ = OutputStreamProgram.wait(for: process)
    }

    /// Waits for its end, which is near once its output has ended.
    /// - Throws: `.failed` unless it ended with exit code 0.
    package func waitForSuccess() throws(FileError) {
        let id = process.withLock { process in
            defer { process = nil }
            return process
        }
        guard let id else { return }
        guard let status = OutputStreamProgram.wait(for: id) else {
            throw FileError(.failed, "'\(name)' cannot be waited for: \(SystemError.last)")
        }
        guard status != 0 else { return }
        let how = status & 0x7F == 0 ? "with exit code \((status >> 8) & 0xFF)" : "by signal \(status & 0x7F)"
        throw FileError(.failed, "'\(name)' ended \(how): nothing of it was saved")
    }

    private static func wait(for process: pid_t) -> Int32? {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {  // Ends with the process, or at once with an error.
            if errno != EINTR { return nil }
        }
        return status
    }
}
