import FileSystemBackup
import MartletTestSupport
import Testing

@Suite struct `A list of targets` {
    @Test func `has lines, comments and nothing else`() {
        #expect(TargetList.lines(" a b \r\n\n# c\n\t/d#e\n") == ["a b", "/d#e"])
        #expect(TargetList.verbatim(Array(" a\n\n#b\r\n".utf8), separator: 10) == [LocalPath(" a"), LocalPath("#b\r")])
        #expect(TargetList.verbatim(Array("a\nb\0\0c".utf8), separator: 0) == [LocalPath("a\nb"), LocalPath("c")])
    }

    @Test func `has patterns for what is there`() async throws {
        try await withTemporaryFolder { folder in
            for path in ["a", "b", "a/x", "b/x", "b/.y"] { try TestFolder.make("\(folder)/\(path)") }
            try TestFolder.write("", to: folder + "/a/x/file.log")
            try TestFolder.write("", to: folder + "/[z]")
            func found(_ pattern: String) throws -> [String] {
                try TargetList.matches(of: LocalPath(pattern), from: LocalPath(folder)).map(\.description)
            }
            #expect(try found("*") == ["[z]", "a", "b"])
            #expect(try found("[ab]/x") == ["a/x", "b/x"])
            #expect(try found("b/*") == ["b/.y", "b/x"])
            #expect(try found("\(folder)/?/x/*.log") == [folder + "/a/x/file.log"])
            #expect(try found("\\[z]") == ["[z]"])
            #expect(try found("a/x/file.log/beneath") == [])
            #expect(try found("nothing") == [])
            #expect(try found("./a") == ["./a"])
            #expect(throws: FileError.self) { try found("[") }
        }
    }
}

@Suite struct `A program whose output is saved` {
    @Test func `is waited for, and its end told`() throws {
        let environment = ["PATH": "/usr/bin:/bin"]
        let good = try OutputStreamProgram(["sh", "-c", "printf abc"], environment: environment)
        #expect(try good.output.readAll(limit: 10) == Array("abc".utf8))
        try good.waitForSuccess()
        let bad = try OutputStreamProgram(["/bin/sh", "-c", "kill -9 $$"], environment: environment)
        #expect(try bad.output.readAll(limit: 10) == [])
        let error = #expect(throws: FileError.self) { try bad.waitForSuccess() }
        #expect(error?.message.contains("by signal 9") == true)
        #expect(throws: FileError.self) { try OutputStreamProgram(["no-such-program"], environment: environment) }
        let long = try OutputStreamProgram(["sh", "-c", "printf abcdef"], environment: environment)
        #expect(throws: FileError.self) { try long.output.readAll(limit: 5) }
    }

    /// Nobody reads what it writes for ever.
    @Test func `is ended with whoever started it`() throws {
        let environment = ["PATH": "/usr/bin:/bin"]
        for _ in 0..<3 {
            _ = try OutputStreamProgram(["sh", "-c", "while :; do echo y; done"], environment: environment)
        }
    }
}
