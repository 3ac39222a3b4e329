import FoundationEssentials
import Glibc
import KubernetesModel
import MartletTestSupport
import PracticeCluster
import Testing

/// A file system of a few hundred kilobytes, that goes with the test. Only root can mount one.
private struct SmallDisk: ~Copyable {
    let path: String

    static var isPossible: Bool {
        guard let disk = try? SmallDisk(kilobytes: 64) else { return false }
        return !disk.path.isEmpty
    }

    init(kilobytes: Int) throws {
        path = FileManager.default.temporaryDirectory.appending(path: "martlet-disk-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(kilobytes)k,mode=700") == 0 else {
            rmdir(path)
            throw CocoaError(.fileWriteUnknown)
        }
    }

    deinit {
        umount2(path, Int32(MNT_DETACH))
        rmdir(path)
    }

    func files() -> [String] {
        ((try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []).filter { name in
            var isFolder = false
            return FileManager.default.fileExists(atPath: "\(path)/\(name)", isDirectory: &isFolder) && !isFolder
        }
    }
}

@Suite(.enabled(if: SmallDisk.isPossible, "needs the right to mount a file system"))
struct `A full disk` {
    /// Hard to pack, so that the disk is full before the archive ends.
    private func fill(_ cluster: PracticeCluster) {
        cluster.request("POST", "/api/v1/namespaces", ["metadata": ["name": "study"]])
        var random = SeededGenerator(seed: 4)
        for number in 0..<40 {
            let text = (0..<5_000).map { _ in String(random.next(), radix: 36) }.joined()
            cluster.request(
                "POST", "/api/v1/namespaces/study/configmaps",
                ["metadata": ["name": .string("c\(number)")], "data": ["text": .string(text)]])
        }
    }

    @Test func `ends a backup, which then is not there`() async throws {
        let folder = try ScratchFolder()
        let disk = try SmallDisk(kilobytes: 512)
        let server = try await PracticeServer.start(PracticeCluster())
        fill(server.cluster)
        let kubeconfig = "\(folder.path)/config"
        try server.kubeconfig().write(toFile: kubeconfig, atomically: true, encoding: .utf8)
        let program = MartletProcess(["KUBECONFIG": kubeconfig])
        let outcome = try await program.run("backup", "create", "b", "--direct", "--to", disk.path)
        #expect(outcome.status == 1, "\(outcome.text)")
        #expect(outcome.messages.contains("No space left on device"))
        #expect(outcome.messages.contains("nothing of it is left"))
        #expect(outcome.messages.contains("try: free space in the store"))
        #expect(disk.files() == [])
        #expect(try await program.run("backup", "get", "--from", disk.path).messages == "There are no backups.\n")
        try await server.stop()
    }

    @Test func `ends an extraction, with the file that did not fit`() async throws {
        let folder = try ScratchFolder()
        let disk = try SmallDisk(kilobytes: 256)
        let stored = try StoredBackup.write(into: "\(folder.path)/store", archive: StoredBackup.archive(2_000))
        let outcome = try await MartletProcess().run(
            "backup", "extract", "nightly", "\(disk.path)/out", "--from", stored.store)
        #expect(outcome.status == 1, "\(outcome.text)")
        #expect(outcome.messages.contains("No space left on device"))
        #expect(outcome.messages.contains("\(disk.path)/out/a/configmaps/"))
        #expect(outcome.messages.contains("try: free space on this machine's disk"))
    }

    @Test func `for temporary files ends a restore before it begins, and names the way out`() async throws {
        let folder = try ScratchFolder()
        let disk = try SmallDisk(kilobytes: 64)
        let stored = try StoredBackup.write(into: "\(folder.path)/store", archive: StoredBackup.archive(2_000))
        let server = try await PracticeServer.start(PracticeCluster())
        let kubeconfig = "\(folder.path)/config"
        try server.kubeconfig().write(toFile: kubeconfig, atomically: true, encoding: .utf8)
        let program = MartletProcess(["KUBECONFIG": kubeconfig, "TMPDIR": disk.path])
        let outcome = try await program.run(
            "restore", "create", "r", "--from-backup", "nightly", "--direct", "--from", stored.store)
        #expect(outcome.status == 1, "\(outcome.text)")
        #expect(outcome.messages.contains("TMPDIR"))
        #expect(server.cluster.object("namespaces", "a") == nil)
        #expect(disk.files() == [])
        try await server.stop()
    }
}
