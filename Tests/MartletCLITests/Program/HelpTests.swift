import MartletCLI
import Testing

@Suite struct `Help` {
    @Test(arguments: [
        "", "version", "backup", "backup create", "backup get", "backup describe", "backup logs", "backup diff",
        "backup download", "backup extract", "backup delete", "restore", "restore create", "restore get",
        "restore describe", "restore logs", "alias", "alias set", "alias list", "alias remove", "bucket",
        "bucket ls", "bucket cp", "bucket cat", "bucket stat", "bucket du", "bucket rm", "bucket mb", "bucket rb",
        "bucket diff", "bucket restore", "mirror", "mirror run", "mirror verify", "mirror history", "mirror thin",
        "repo", "repo init", "repo snapshots", "repo ls", "repo cat", "repo list", "repo check", "repo backup",
        "repo restore", "repo find", "repo diff", "repo dump", "repo tag", "repo copy", "repo repair",
        "repo repair index", "repo repair packs", "repo repair snapshots", "repo recover",
        "repo forget", "repo prune", "repo stats", "repo unlock", "repo key",
        "repo key list", "repo key add", "repo key passwd", "repo key remove", "node-agent",
        "restore-helper", "restore files", "volume-key",
    ])
    func `is as recorded`(command: String) async {
        let run = await ProgramRun.of(command + " --help")
        #expect(run.status == .done)
        #expect(run.messages == "")
        expectSnapshot(run.output, "help" + command.split(separator: " ").map { "-\($0)" }.joined())
    }

    @Test(arguments: ["help", "--help", "-h", ""])
    func `of the program lists the commands`(arguments: String) async {
        let run = await ProgramRun.of(arguments)
        #expect(run.status == .done)
        #expect(run.output.contains("backup"))
    }
}

@Suite struct `A wrong command line` {
    private let commandLines = [
        "bakcup", "backup creat x", "backup create", "backup create x --includ-namespaces a", "backup create X",
        "backup create x -l a=b --or-selector c", "backup create x -l a==b,",
        "backup create x --include-resources a --include-cluster-scoped-resources b", "backup create x --labels a",
        "backup create x --ttl 3days", "backup create x --ordered-resources pods",
        "backup create x --include-cluster-resources=maybe", "backup create x",
    ]

    @Test func `is refused with what would be right`() async {
        var text = ""
        for commandLine in commandLines {
            let run = await ProgramRun.of(commandLine)
            #expect(run.status == .usage, "\(commandLine)")
            #expect(run.output == "", "\(commandLine)")
            text += "$ martlet \(commandLine)\n\(run.messages)\n"
        }
        expectSnapshot(text, "usage-errors")
    }
}
