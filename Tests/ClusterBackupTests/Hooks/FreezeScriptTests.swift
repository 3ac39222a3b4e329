import ClusterBackup
import Glibc
import MartletTestSupport
import Testing

private let shells: [String] = ["/bin/dash", "/bin/bash", "/bin/busybox"].filter { access($0, X_OK) == 0 }

/// The script in real shells, with a program that freezes nothing but remembers.
@Suite struct `The guard of a frozen file system` {
    /// Runs the script in `shell` beneath `harness`, whose `$@` is the command of the guard.
    private func run(
        _ shell: String, _ harness: String, silence: Duration = .seconds(1000), longest: Duration = .seconds(1000),
        path: String = "/usr/bin:/bin", before: String = "true", _ check: (ProgramRun, Place) throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let program = """
                #!/bin/sh
                echo "$1" >> \(folder)/log
                case $1 in
                --freeze) mkdir \(folder)/frozen 2>/dev/null || { echo 'Device busy' >&2; exit 1; } ;;
                --unfreeze) rmdir \(folder)/frozen 2>/dev/null || { echo 'Invalid argument' >&2; exit 1; } ;;
                esac
                """
            let setup = try ProgramRun(
                [
                    "/bin/sh", "-c", "printf '%s\\n' \"$0\" > it\\'s && chmod 755 it\\'s && mkfifo fifo && \(before)",
                    program,
                ],
                in: folder, environment: ["PATH": "/usr/bin:/bin"])
            #expect(setup.exitCode == 0, "\(setup)")
            let tool = folder + "/it's"
            let script = FreezeScript(
                freeze: [tool, "--freeze", "/a b"], thaw: [tool, "--unfreeze", "/a b"], silence: silence,
                longest: longest, patience: .seconds(1))
            let command = [shell] + (shell.hasSuffix("busybox") ? ["sh"] : []) + script.command.dropFirst()
            let done = try ProgramRun(
                ["/bin/sh", "-c", harness, path] + command, in: folder, environment: ["PATH": "/usr/bin:/bin"])
            try check(done, Place(folder: folder))
        }
    }

    private struct Place {
        let folder: String

        var isFrozen: Bool { access(folder + "/frozen", F_OK) == 0 }
    }

    @Test(arguments: shells) func `thaws when its input ends`(shell: String) async throws {
        try await run(shell, #"printf 'beat\nbeat\n' | "$@""#) { run, place in
            #expect(run.output == "martlet: frozen 0\nmartlet: thawed\n", "\(run)")
            #expect(run.exitCode == 0)
            #expect(!place.isFrozen)
        }
    }

    @Test(arguments: shells) func `goes without thawing when it is told that all is done`(shell: String) async throws {
        try await run(shell, #"printf 'beat\ndone\n' | "$@""#) { run, place in
            #expect(run.output == "martlet: frozen 0\n", "\(run)")
            #expect(run.exitCode == 0)
            #expect(place.isFrozen)
        }
    }

    @Test(arguments: shells) func `thaws when it hears nothing for too long`(shell: String) async throws {
        try await run(shell, #"exec 3<>fifo; "$@" <&3"#, silence: .seconds(1)) { run, place in
            #expect(run.output == "martlet: frozen 0\nmartlet: thawed\n", "\(run)")
            #expect(run.exitCode == 137)
            #expect(!place.isFrozen)
        }
    }

    @Test(arguments: shells) func `thaws after the longest time whatever it hears`(shell: String) async throws {
        let harness = """
            touch go; exec 3<>fifo
            (while [ -e go ]; do echo beat >&3; sleep 0.2; done) &
            "$@" <&3; code=$?; rm go; exit $code
            """
        try await run(shell, harness, longest: .seconds(1)) { run, place in
            #expect(run.output == "martlet: frozen 0\nmartlet: thawed\n", "\(run)")
            #expect(!place.isFrozen)
        }
    }

    @Test(arguments: shells) func `leaves alone what another has frozen`(shell: String) async throws {
        try await run(shell, #""$@" </dev/null"#, before: "mkdir frozen") { run, place in
            #expect(run.output == "martlet: frozen 1\n", "\(run)")
            #expect(run.errors.contains("Device busy"))
            #expect(run.exitCode == 1)
            #expect(place.isFrozen)
        }
    }

    @Test(arguments: shells) func `freezes nothing where it cannot stand by`(shell: String) async throws {
        try await run(shell, #"PATH=$0; export PATH; exec "$@" </dev/null"#, path: "/nowhere") { run, place in
            #expect(run.exitCode == 111, "\(run)")
            #expect(run.errors.contains("no sleep in this container"))
            #expect(!place.isFrozen)
        }
    }
}
