import ClusterBackup
import Testing

@Suite struct `Commands that freeze a file system` {
    @Test(
        arguments: [
            (["/sbin/fsfreeze", "--freeze", "/data"], ["/sbin/fsfreeze", "--unfreeze", "/data"]),
            (["fsfreeze", "-f", "/a b"], ["fsfreeze", "-u", "/a b"]),
            (["busybox", "fsfreeze", "--freeze", "/data"], ["busybox", "fsfreeze", "--unfreeze", "/data"]),
            (
                ["nsenter", "-t", "1", "/usr/sbin/xfs_freeze", "-f", "/x"],
                ["nsenter", "-t", "1", "/usr/sbin/xfs_freeze", "-u", "/x"]
            ),
            (["sh", "-c", "fsfreeze -f /data"], ["sh", "-c", "fsfreeze -u /data"]),
            (
                ["/bin/bash", "-ec", "sync && psql -c checkpoint; /sbin/fsfreeze --freeze /data"],
                ["/bin/bash", "-ec", "/sbin/fsfreeze --unfreeze /data"]
            ),
            (
                ["sh", "-c", "fsfreeze -f /a && fsfreeze -f /b"],
                ["sh", "-c", "e=0; fsfreeze -u /a || e=1; fsfreeze -u /b || e=1; exit $e"]
            ),
        ] as [([String], [String])])
    func `have an inverse`(command: [String], inverse: [String]) {
        #expect(FreezeCommand(command) == .freezes(thaw: inverse))
        #expect(FreezeCommand.isThaw(inverse))
        #expect(FreezeCommand(inverse) == .other)
    }

    @Test(arguments: [
        ["sh", "-c", "fsfreeze --freeze \"$PGDATA\""], ["sh", "-c", "fsfreeze -f $(cat /path)"],
        ["sh", "-c", "F=fsfreeze; $F --freeze /data"],
    ])
    func `are known even if their inverse is not to be seen`(command: [String]) {
        #expect(FreezeCommand(command) == .unclear)
    }

    @Test(arguments: [
        [], ["true"], ["pg_dump", "-f", "/backup/dump"], ["sh", "-c", "pg_dump -f /x"], ["fsfreeze", "--help"],
        ["sh", "-c", "fsfreeze --unfreeze /data"], ["sh"], ["sh", "-c"],
    ])
    func `are not all commands`(command: [String]) {
        #expect(FreezeCommand(command) == .other)
    }
}
