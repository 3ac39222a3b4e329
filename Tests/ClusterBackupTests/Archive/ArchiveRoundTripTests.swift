import Basics
import ClusterBackup
import KubernetesModel
import MartletTestSupport
import NIOCore
import ObjectStorage
import Testing

private let configMaps = GroupResource("configmaps")
private let deployments = GroupResource("deployments.apps")
private let now = Timestamp(seconds: 1_795_000_000)

private func pack(_ add: (ArchivePacker) -> Void) -> [UInt8] {
    let packer = ArchivePacker(now: now)
    add(packer)
    return Array(buffer: packer.finish())
}

@Suite struct ArchiveRoundTripTests {
    @Test func `what was packed is read back in the order of namespace and name`() throws {
        let packed = pack { packer in
            packer.append(Array("{\"b\":1}".utf8), resource: configMaps, version: "v1", namespace: "zoo", name: "b")
            packer.append(Array("{\"a\":1}".utf8), resource: configMaps, version: "v1", namespace: "zoo", name: "a")
            packer.append(Array("{\"c\":1}".utf8), resource: configMaps, version: "v1", namespace: "ape", name: "c")
            packer.append(Array("{\"d\":1}".utf8), resource: deployments, version: "v1", namespace: "ape", name: "d")
            packer.append(
                Array("{\"n\":1}".utf8), resource: GroupResource("namespaces"), version: "v1", namespace: nil,
                name: "ape")
        }
        let reader = try BackupArchiveReader.open(packed)
        #expect(reader.index.formatVersion == "1.1.0")
        #expect(reader.index.kinds == [configMaps, deployments, GroupResource("namespaces")])
        #expect(reader.index.count == 5)
        #expect(reader.index.preferredVersion(of: configMaps) == "v1")
        #expect(reader.index.namespaces == ["ape", "zoo"])
        let names = reader.index.items(of: configMaps).map(\.reference.description)
        #expect(names == ["configmaps/ape/c", "configmaps/zoo/a", "configmaps/zoo/b"])
        let texts = try reader.index.items(of: configMaps).map {
            String(decoding: try reader.bytes(of: $0), as: UTF8.self)
        }
        #expect(texts == ["{\"c\":1}", "{\"a\":1}", "{\"b\":1}"])
        let found = reader.index.item(ObjectReference(resource: configMaps, namespace: "zoo", name: "a"))
        #expect(found?.size == 7)
        #expect(reader.index.item(ObjectReference(resource: configMaps, namespace: "zoo", name: "x")) == nil)
        #expect(reader.index.items(of: GroupResource("pods")).isEmpty)
    }

    @Test func `a stream in pieces of any size gives the same, through a temporary file that is gone`() async throws {
        let packed = pack { packer in
            for number in 0..<300 {
                packer.append(
                    Array("{\"number\":\(number)}".utf8), resource: configMaps, version: "v1", namespace: "n",
                    name: "c\(number)")
            }
        }
        for size in [1, 7, 512, 100_000] {
            let chunks = stride(from: 0, to: packed.count, by: size).map {
                ByteBuffer(bytes: packed[$0..<min($0 + size, packed.count)])
            }
            let reader = try await BackupArchiveReader.open(ByteStream(chunks), temporaryFolder: "/tmp")
            #expect(reader.index.count == 300)
            for item in reader.index.items(of: configMaps) {
                let number = item.reference.name.dropFirst()
                #expect(try reader.bytes(of: item) == Array("{\"number\":\(number)}".utf8))
            }
            reader.close()
        }
    }

    @Test(arguments: [1, 60, 63, 100, 180, 253])
    func `names of any length survive`(length: Int) throws {
        let name = String(repeating: "n", count: length)
        let namespace = String(repeating: "s", count: min(length, 63))
        let packed = pack {
            $0.append(
                Array("{}".utf8),
                resource: GroupResource("averylongcustomresourcename.subdomain.example-organisation.example.org"),
                version: "v1alpha1", namespace: namespace, name: name)
        }
        let reader = try BackupArchiveReader.open(packed)
        let item = try #require(reader.index.kinds.first.map { reader.index.items(of: $0) }?.first)
        #expect(item.reference.name == name)
        #expect(item.reference.namespace == namespace)
        #expect(reader.index.count == 1)
    }

    @Test func `objects of every small size and around the size of a block are whole`() throws {
        let sizes = Array(0...20) + Array(500...530) + [1023, 1024, 1025, 70_000, 300_000]
        let packed = pack { packer in
            for size in sizes {
                packer.append(
                    [UInt8](repeating: UInt8(ascii: "x"), count: size), resource: configMaps, version: "v1",
                    namespace: "n", name: "c\(size)")
            }
        }
        let reader = try BackupArchiveReader.open(packed)
        #expect(reader.index.count == sizes.count)
        for item in reader.index.items(of: configMaps) {
            #expect("c\(item.size)" == item.reference.name)
            #expect(try reader.bytes(of: item).count == item.size)
        }
    }

    @Test func `of two copies apart one is kept, and the plain one wins`() throws {
        var archive = TestArchive()
        archive.add("metadata/version", "1.1.0\n")
        archive.add("resources/pods/v1-preferredversion/namespaces/n/a.json", "{\"copy\":2}")
        archive.add("resources/pods/namespaces/n/b.json", "{}")
        archive.add("resources/pods/namespaces/n/a.json", "{\"copy\":1}")
        archive.add("resources/pods/v2/namespaces/n/a.json", "{\"copy\":3}")
        archive.end()
        let reader = try BackupArchiveReader.open(archive.packed())
        let pods = GroupResource("pods")
        #expect(reader.index.count == 2)
        let first = try #require(reader.index.items(of: pods).first)
        #expect(try reader.bytes(of: first) == Array("{\"copy\":1}".utf8))
        #expect(reader.index.otherVersions(of: pods) == ["v2"])
        let other = try #require(reader.index.items(of: pods, otherVersion: "v2").first)
        #expect(try reader.bytes(of: other) == Array("{\"copy\":3}".utf8))
    }

    @Test func `several gzip members, folders and unknown files do no harm`() throws {
        var archive = TestArchive()
        archive.add("./resources/", "", type: "5")
        archive.add("./resources/pods/namespaces/n/a.json", "{}")
        archive.add("./resources/pods/readme.txt", "by hand")
        archive.end()
        let half = archive.tar.count / 2
        let packed =
            Array(buffer: Gzip.compress(Array(archive.tar[..<half])))
            + Array(buffer: Gzip.compress(Array(archive.tar[half...])))
        let reader = try BackupArchiveReader.open(packed)
        #expect(reader.index.count == 1)
        #expect(reader.index.foreignFileCount == 1)
        #expect(reader.index.formatVersion == "1")
    }

    @Test func `the archive of a real Velero is read`() async throws {
        let store = try FolderObjectStore(path: Fixtures.veleroDemoBucket)
        let key = try #require(ObjectKey("backups/demo/demo.tar.gz"))
        let object = try await store.get(key, options: GetOptions())
        let reader = try await BackupArchiveReader.open(object.body, temporaryFolder: "/tmp")
        #expect(reader.index.formatVersion == "1")
        #expect(reader.index.count == 18)
        #expect(reader.index.preferredVersion(of: deployments) == nil)
        let pod = try #require(Array(reader.index.items(of: GroupResource("pods"))).first)
        #expect(try reader.object(of: pod).annotations["backup.velero.io/backup-volumes"] == "files")
    }
}
