import Basics
import MartletCLI
import Testing

@Suite struct `The place of a repository` {
    @Test(arguments: [
        ("/srv/r", "file:///srv/r"), ("./r", "./r"), ("local:/srv/r", "file:///srv/r"), ("local:r", "./r"),
        ("s3://bucket/p", "s3://bucket/p"),
        ("s3:https://host:9000/bucket/a/b", "s3://bucket/a/b?endpoint=https://host:9000&path-style=true"),
        ("s3:http://host/bucket", "s3://bucket?endpoint=http://host&path-style=true"),
        ("s3:host/bucket/p/", "s3://bucket/p?endpoint=https://host&path-style=true"),
        ("s3:s3.amazonaws.com/bucket/p", "s3://bucket/p"),
    ])
    func `is written as here or as with restic`(_ text: String, _ expected: String) throws {
        #expect(try RepositoryLocation.parse(text).description == expected)
    }

    @Test(arguments: [
        "", "local:", "s3:", "s3:https://host", "s3:https://host/", "s3:key@host/bucket", "sftp:host:/x",
        "rest:http://h/",
        "s3:https://host/bu cket",
    ])
    func `is refused otherwise`(_ text: String) {
        #expect(throws: CommandError.self) { try RepositoryLocation.parse(text) }
    }
}

@Suite struct `The password of a repository` {
    @Test func `loses marks and white space, in UTF-8 and UTF-16`() throws {
        let plain = Array(" pä ss\r\n".utf8)
        #expect(try PasswordText.secret(plain, from: "x").reveal() == "pä ss")
        #expect(try PasswordText.secret([0xEF, 0xBB, 0xBF] + plain, from: "x").reveal() == "pä ss")
        let little = "pä\n".utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
        let big = "pä\n".utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
        #expect(try PasswordText.secret([0xFF, 0xFE] + little, from: "x").reveal() == "pä")
        #expect(try PasswordText.secret([0xFE, 0xFF] + big, from: "x").reveal() == "pä")
        #expect(throws: CommandError.self) { try PasswordText.secret([0xC3, 0x28], from: "x") }
        #expect(throws: CommandError.self) { try PasswordText.secret([0xFF, 0xFE, 0x41], from: "x") }
    }

    @Test(
        arguments: [
            ("", []), ("a  b", ["a", "b"]), ("a 'b c'd", ["a", "b cd"]), (#"a "b \" c" \ d"#, ["a", "b \" c", " d"]),
            ("a ''", ["a", ""]), (#"'a\'"#, [#"a\"#]),
        ] as [(String, [String])])
    func `command is cut into words as a shell does it`(_ text: String, _ words: [String]) {
        #expect(ShellWords.split(text) == words)
    }

    @Test(arguments: ["'a", "\"a", "a\\", "a \"b\\\""]) func `command needs its quotes closed`(_ text: String) {
        #expect(ShellWords.split(text) == nil)
    }

    @Test func `comes from the flag before the variables, from files and programs before a plain one`() async throws {
        let store = try await KnownStore.repository()
        func status(_ flags: String, _ variables: [String: String]) async -> MartletCLI.ExitStatus {
            var environment = variables
            environment["RESTIC_REPOSITORY"] = "/r"
            return await ProgramRun.of("repo cat config --no-lock \(flags)", store: store, environment: environment)
                .status
        }
        #expect(await status("", [:]) == .usage)
        #expect(await status("", ["RESTIC_PASSWORD": "martlet"]) == .done)
        #expect(await status("", ["RESTIC_PASSWORD": "martlet", "RESTIC_PASSWORD_FILE": "wrong"]) == .wrongKey)
        #expect(await status("--password-file right", ["RESTIC_PASSWORD_FILE": "wrong"]) == .done)
        #expect(await status("-p missing", [:]) == .usage)
        #expect(await status("--password-command print-right", ["RESTIC_PASSWORD": "wrong"]) == .done)
        #expect(await status("", ["RESTIC_PASSWORD_COMMAND": "print-right"]) == .done)
        #expect(await status("", ["RESTIC_PASSWORD_COMMAND": "fail"]) == .usage)
        #expect(await status("-p right --password-command print-right", [:]) == .usage)
    }
}
