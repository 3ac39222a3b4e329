import Basics
import ClusterBackup
import Glibc
import KubernetesModel
import MartletTestSupport
import Testing

private func reader() throws -> BackupArchiveReader {
    let packer = ArchivePacker(now: Timestamp(seconds: 1_795_000_000))
    let secret =
        #"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s","namespace":"app","uid":"u","managedFields":[]},"status":{}}"#
    packer.append(Array(secret.utf8), resource: GroupResource("secrets"), version: "v1", namespace: "app", name: "s")
    packer.append(
        Array("{}".utf8), resource: GroupResource("deployments.apps"), version: "v1", namespace: "web", name: "d")
    packer.append(
        Array("{}".utf8), resource: GroupResource("clusterroles.rbac.authorization.k8s.io"), version: "v1",
        namespace: nil, name: "system:node")
    return try BackupArchiveReader.open(Array(buffer: packer.finish()))
}

extension ArchiveExtraction.Options {
    /// Made in one step: a variable that an async closure captures twice crashes the compiler (Swift 6.3.1).
    fileprivate static func with(_ change: (inout Self) -> Void) -> Self {
        var options = Self()
        change(&options)
        return options
    }
}

private func mode(_ path: String) -> UInt32 {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
}

@Suite struct ArchiveExtractionTests {
    @Test func `objects become private files by namespace and kind`() async throws {
        try await withTemporaryFolder { folder in
            let target = folder + "/out"
            let summary = try ArchiveExtraction(try reader()).run(into: target)
            #expect(summary.files == 3)
            let secret = target + "/app/secrets/s.json"
            #expect(try Fixtures.bytes(secret).count == 118)
            #expect(mode(secret) == 0o600)
            #expect(mode(target + "/app") == 0o700)
            #expect(mode(target + "/web/deployments.apps/d.json") == 0o600)
            #expect(mode(target + "/_cluster/clusterroles.rbac.authorization.k8s.io/system:node.json") == 0o600)
        }
    }

    @Test func `what only the old server can have set is left out if wanted`() async throws {
        try await withTemporaryFolder { folder in
            let options = ArchiveExtraction.Options.with {
                $0.withoutServerFields = true
                $0.namespaces = ["app"]
                $0.includesClusterScoped = false
            }
            let summary = try ArchiveExtraction(try reader(), options: options).run(into: folder + "/out")
            #expect(summary.files == 1)
            let object = try APIObject(parsing: Fixtures.bytes(folder + "/out/app/secrets/s.json"))
            let kept: JSONValue = [
                "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "s", "namespace": "app"],
            ]
            #expect(object.json == kept)
        }
    }

    @Test func `an empty list that kubectl asks for is written as one`() async throws {
        let packer = ArchivePacker(now: Timestamp(seconds: 1_795_000_000))
        let slice =
            #"{"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"s"},"#
            + #""endpoints":null}"#
        packer.append(
            Array(slice.utf8), resource: GroupResource("endpointslices.discovery.k8s.io"), version: "v1",
            namespace: "app", name: "s")
        let reader = try BackupArchiveReader.open(Array(buffer: packer.finish()))
        try await withTemporaryFolder { folder in
            let options = ArchiveExtraction.Options.with { $0.withoutServerFields = true }
            _ = try ArchiveExtraction(reader, options: options).run(into: folder + "/out")
            let path = folder + "/out/app/endpointslices.discovery.k8s.io/s.json"
            #expect(try APIObject(parsing: Fixtures.bytes(path)).json["endpoints"] == [])
        }
    }

    @Test func `a folder with files is refused, and files are never written over`() async throws {
        try await withTemporaryFolder { folder in
            let reader = try reader()
            _ = try ArchiveExtraction(reader).run(into: folder + "/out")
            #expect(thrown { _ = try ArchiveExtraction(reader).run(into: folder + "/out") }?.code == .alreadyExists)
            let options = ArchiveExtraction.Options.with { $0.intoNonEmptyFolder = true }
            let error = thrown { _ = try ArchiveExtraction(reader, options: options).run(into: folder + "/out") }
            #expect(error?.code == .alreadyExists)
            #expect(error?.message.contains("not overwritten") == true)
        }
    }

    @Test func `links inside the target are not followed`() async throws {
        try await withTemporaryFolder { folder in
            mkdir(folder + "/out", 0o700)
            mkdir(folder + "/elsewhere", 0o700)
            symlink(folder + "/elsewhere", folder + "/out/app")
            let options = ArchiveExtraction.Options.with { $0.intoNonEmptyFolder = true }
            let error = thrown { _ = try ArchiveExtraction(try reader(), options: options).run(into: folder + "/out") }
            #expect(error?.code == .hostile)
            #expect(access(folder + "/elsewhere/secrets", F_OK) != 0)
        }
    }

    /// A disk that is full for real: see the tests of the program as a process.
    @Test func `a missing parent, or one that takes no folders, is told`() throws {
        let error = thrown { _ = try ArchiveExtraction(try reader()).run(into: "/dev/null/out") }
        #expect(error?.code == .localDisk)
        let full = thrown { _ = try ArchiveExtraction(try reader()).run(into: "/proc/martlet") }
        #expect(full?.code == .localDisk)
    }
}
