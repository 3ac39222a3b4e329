import FoundationEssentials
import MartletTestSupport
import PracticeCluster
import Testing

/// What is stored is not believed: the program refuses it by name, writes nothing, and says so in its exit status.
@Suite struct `A backup that cannot be trusted` {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let archive: [UInt8]?
        let status: Int32
        let words: [String]

        var testDescription: String { name }

        init(_ name: String, _ archive: [UInt8]?, _ status: Int32, _ words: String...) {
            (self.name, self.archive, self.status, self.words) = (name, archive, status, words)
        }
    }

    private static let whole = StoredBackup.archive()

    private static func with(_ path: String, _ content: String = "{}") -> [UInt8] {
        StoredBackup.archive(extra: [(path, Array(content.utf8))])
    }

    private static var flipped: [UInt8] {
        var bytes = whole
        bytes[bytes.count - 6] ^= 0x10  // In the checksum at the end.
        return bytes
    }

    private static var bomb: [UInt8] {
        let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: 50 << 20)
        return StoredBackup.archive(extra: (0..<6).map { ("resources/pods/cluster/x\($0).json", zeros) })
    }

    static let cases = [
        Case("whose archive is cut off", Array(whole[..<(whole.count / 2)]), 13, "nightly", "try: take another backup"),
        Case("with a flipped bit", flipped, 13, "try: take another backup"),
        Case("that lost its archive", nil, 13, "nightly.tar.gz"),
        Case("whose archive is something else", Array("hello".utf8), 13, "nightly"),
        Case("with a path that leads up", with("resources/configmaps/namespaces/../../../x.json"), 13, "changed it"),
        Case("with an absolute path", with("/etc/cron.d/x"), 13, "changed it"),
        Case("with a name that is none", with("resources/configmaps/namespaces/A B/x.json"), 13, "changed it"),
        Case("with a slash in a name", with("resources/configmaps/namespaces/a/x%2fy.json"), 13, "changed it"),
        Case("that unpacks to a thousand times its size", bomb, 1, "nightly"),
    ]

    @Test(arguments: cases) func `is neither restored nor extracted`(damaged: Case) async throws {
        let folder = try ScratchFolder()
        let stored = try StoredBackup.write(into: "\(folder.path)/store", archive: damaged.archive)
        let server = try await PracticeServer.start(PracticeCluster())
        let kubeconfig = "\(folder.path)/config"
        try server.kubeconfig().write(toFile: kubeconfig, atomically: true, encoding: .utf8)
        let program = MartletProcess(["KUBECONFIG": kubeconfig, "TMPDIR": folder.path])

        for arguments in [
            ["restore", "create", "r", "--from-backup", "nightly", "--direct"],
            ["restore", "create", "r", "--from-backup", "nightly", "--direct", "--dry-run"],
            ["backup", "extract", "nightly", "\(folder.path)/out"],
        ] {
            let outcome = try await program.run(arguments + ["--from", stored.store])
            #expect(outcome.status == damaged.status, "\(arguments): \(outcome.text)")
            #expect(outcome.messages.hasPrefix("error: "))
            for word in damaged.words { #expect(outcome.messages.contains(word), "\(outcome.messages)") }
        }
        #expect(server.cluster.object("namespaces", "a") == nil)
        #expect(folder.contents("out").isEmpty)
        #expect(folder.contents("store").filter { $0.hasPrefix("restores") }.isEmpty)
        try await server.stop()
    }

    /// One bad object is no reason to leave the others in the bucket.
    @Test(arguments: [
        ("deep", String(repeating: #"{"a":"#, count: 10_000) + "1" + String(repeating: "}", count: 10_000)),
        ("broken", "{"),
        ("liar", #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"liar","namespace":"kube-system"}}"#),
    ]) func `with one bad object is restored without it`(name: String, content: String) async throws {
        let folder = try ScratchFolder()
        let path = "resources/configmaps/namespaces/a/\(name).json"
        let stored = try StoredBackup.write(
            into: "\(folder.path)/store", archive: StoredBackup.archive(extra: [(path, Array(content.utf8))]))
        let server = try await PracticeServer.start(PracticeCluster())
        let kubeconfig = "\(folder.path)/config"
        try server.kubeconfig().write(toFile: kubeconfig, atomically: true, encoding: .utf8)
        let outcome = try await MartletProcess(["KUBECONFIG": kubeconfig]).run(
            "restore", "create", "r", "--from-backup", "nightly", "--direct", "--from", stored.store)
        #expect(outcome.status == 3, "\(outcome.text)")
        #expect(outcome.messages.contains("error: configmaps/a/\(name) is refused"))
        #expect(outcome.output.contains("PartiallyFailed"))
        let restored = server.cluster.names("configmaps", in: "a").filter { !$0.hasSuffix("kube-root-ca.crt") }
        #expect(restored == ["a/c0", "a/c1", "a/c2"])
        try await server.stop()
    }
}
