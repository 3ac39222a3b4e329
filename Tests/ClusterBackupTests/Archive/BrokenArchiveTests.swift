import Basics
import ClusterBackup
import KubernetesModel
import MartletTestSupport
import Testing

private func smallArchive() -> [UInt8] {
    let packer = ArchivePacker(now: Timestamp(seconds: 1_795_000_000))
    for name in ["a", "b", "c"] {
        packer.append(
            Array("{\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"\(name)\"}}".utf8),
            resource: GroupResource("configmaps"), version: "v1", namespace: "n", name: name)
    }
    return Array(buffer: packer.finish())
}

private func contents(_ reader: BackupArchiveReader) throws -> [String: [UInt8]] {
    var contents: [String: [UInt8]] = [:]
    for kind in reader.index.kinds {
        for item in reader.index.items(of: kind) {
            contents[item.reference.description] = try reader.bytes(of: item)
        }
    }
    return contents
}

@Suite struct BrokenArchiveTests {
    @Test func `an archive that ends early anywhere is refused`() {
        let packed = smallArchive()
        for length in packed.indices {
            let error = thrown { _ = try BackupArchiveReader.open(Array(packed[..<length])) }
            #expect(error?.code == .damaged, "cut to \(length) of \(packed.count) bytes")
        }
    }

    @Test func `a tar that ends early anywhere is refused, also when gzip is content`() throws {
        var archive = TestArchive()
        archive.add("metadata/version", "1.1.0\n")
        archive.add("resources/pods/namespaces/n/a.json", "{\"a\":1}")
        archive.end()
        for length in stride(from: 0, to: archive.tar.count - 1, by: 64) {
            let packed = Array(buffer: Gzip.compress(Array(archive.tar[..<length])))
            #expect(thrown { _ = try BackupArchiveReader.open(packed) }?.code == .damaged, "cut to \(length)")
        }
    }

    @Test func `a flipped bit anywhere is refused or harmless, never read as something else`() throws {
        let packed = smallArchive()
        let honest = try BackupArchiveReader.open(packed)
        for index in packed.indices {
            for bit in 0..<8 {
                var damaged = packed
                damaged[index] ^= 1 << bit
                // Some bits carry nothing (the time in the gzip header) or say the same in other words (how far back a
                // run of zeros is copied from): then the content is the same.
                guard let reader = try? BackupArchiveReader.open(damaged) else { continue }
                #expect(try contents(reader) == contents(honest), "bit \(bit) of byte \(index)")
            }
        }
    }

    @Test func `bytes after the archive are refused`() {
        let error = thrown { _ = try BackupArchiveReader.open(smallArchive() + Array("hello".utf8)) }
        #expect(error?.code == .damaged)
    }

    @Test(arguments: [
        "/etc/passwd", "../outside", "resources/../../outside.json", "resources/pods/namespaces/../x.json",
        "resources//pods/cluster/x.json", "resources/pods/namespaces/n/.././x.json", "./../x", "..",
    ])
    func `paths that leave the archive are hostile`(path: String) {
        let error = thrown { _ = try BackupArchiveReader.open(TestArchive.with(path)) }
        #expect(error?.code == .hostile)
        #expect(error?.message.contains("byte 1") == true, "the message has the offset: \(error?.message ?? "")")
    }

    @Test(arguments: [
        "resources/pods/namespaces/N_S/x.json", "resources/PODS/cluster/x.json", "resources/pods/cluster/a%2fb.json",
        "resources/pods/cluster/.json", "resources/pods/namespaces/n/a\nb.json", "resources/pods.-/cluster/x.json",
        "resources/pods/V_1/cluster/x.json",
    ])
    func `names that no server accepts are hostile`(path: String) {
        #expect(thrown { _ = try BackupArchiveReader.open(TestArchive.with(path)) }?.code == .hostile)
    }

    @Test(arguments: ["1", "2", "3", "4", "6", "7", "S", "V"])
    func `links, devices and sparse files are hostile`(type: Character) {
        let packed = TestArchive.with("resources/pods/cluster/x.json", type: type, content: "")
        #expect(thrown { _ = try BackupArchiveReader.open(packed) }?.code == .hostile)
    }

    @Test func `an entry that claims more than the limit is refused before it is read`() {
        var archive = TestArchive()
        archive.add("resources/pods/cluster/x.json", "", size: 1 << 32)
        #expect(thrown { _ = try BackupArchiveReader.open(archive.packed()) }?.code == .tooLarge)
    }

    @Test func `an archive over the limits of size and number is refused`() {
        let packed = smallArchive()
        var limits = ArchiveLimits()
        limits.entryCount = 3
        #expect(thrown { _ = try BackupArchiveReader.open(packed, limits: limits) }?.code == .tooLarge)
        limits = ArchiveLimits()
        limits.totalSize = .kibibytes(2)
        #expect(thrown { _ = try BackupArchiveReader.open(packed, limits: limits) }?.code == .tooLarge)
        limits = ArchiveLimits()
        limits.entrySize = ByteCount(10)
        #expect(thrown { _ = try BackupArchiveReader.open(packed, limits: limits) }?.code == .tooLarge)
    }

    @Test func `a bomb is refused by its ratio`() {
        var archive = TestArchive()
        for number in 0..<6 {
            archive.add("resources/pods/cluster/x\(number).json", String(repeating: "0", count: 50 << 20))
        }
        archive.end()
        #expect(thrown { _ = try BackupArchiveReader.open(archive.packed()) }?.code == .tooLarge)
    }

    @Test func `a broken header is damage`() {
        var archive = TestArchive()
        archive.add("resources/pods/cluster/x.json", "{}", breakChecksum: true)
        archive.end()
        #expect(thrown { _ = try BackupArchiveReader.open(archive.packed()) }?.code == .damaged)
    }

    @Test(arguments: ["9999999 path=x\n", "3 p\n", "x path=y\n", "0 \n", "11 path=ab", "-5 path=x\n", "20 path=abc\n"])
    func `broken pax records are damage`(records: String) {
        var archive = TestArchive()
        archive.add("PaxHeaders/x", records, type: "x")
        archive.add("resources/pods/cluster/x.json", "{}")
        archive.end()
        #expect(thrown { _ = try BackupArchiveReader.open(archive.packed()) }?.code == .damaged)
    }

    @Test func `a hostile path in a pax record is hostile too`() {
        var archive = TestArchive()
        archive.add("PaxHeaders/x", "17 path=../../x.y\n", type: "x")
        archive.add("resources/pods/cluster/x.json", "{}")
        archive.end()
        let error = thrown { _ = try BackupArchiveReader.open(archive.packed()) }
        #expect(error?.code == .hostile || error?.code == .damaged)
    }

    @Test func `an unknown major format is refused`() {
        var archive = TestArchive()
        archive.add("metadata/version", "2\n")
        archive.end()
        #expect(thrown { _ = try BackupArchiveReader.open(archive.packed()) }?.code == .damaged)
    }

    @Test func `random bytes never trap`() {
        var random = SeededGenerator(seed: 42)
        for _ in 0..<2_000 {
            let count = Int(random.next() % 2_000)
            var tar = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next() >> 17) }
            if random.next() % 2 == 0, tar.count >= 512 { tar.replaceSubrange(257..<263, with: "ustar\0".utf8) }
            let packed = Array(buffer: Gzip.compress(tar))
            #expect(thrown { _ = try BackupArchiveReader.open(packed) } != nil)
            #expect(thrown { _ = try BackupArchiveReader.open(tar) } != nil)
        }
    }
}
