import Basics
import Glibc
import MartletTestSupport
import ResticFormat

/// A repository in a folder, read and written in the plainest way.
struct FolderRepository {
    let path: String
    let key: MasterKey
    let version: RepositoryVersion

    /// Opens one that restic made.
    init(opening path: String, password: String) throws {
        self.path = path
        let names = try FolderRepository.files(in: path + "/keys")
        guard let name = names.first else { throw MissingFixture(path: path + "/keys") }
        key = try KeyFile(decoding: Fixtures.bytes("\(path)/keys/\(name)")).open(password: Secret(password))
        version = try RepositoryConfig(decoding: key.open(Fixtures.bytes(path + "/config"))).version
    }

    /// Makes an empty one.
    init(
        making path: String, password: String, version: RepositoryVersion, _ generator: inout SeededGenerator
    ) throws {
        self.path = path
        self.version = version
        key = try MasterKey(using: &generator)
        for folder in ["keys", "locks", "snapshots", "index", "data"] {
            mkdir(path, 0o700)
            mkdir("\(path)/\(folder)", 0o700)
        }
        let created = NodeTime(seconds: 1_700_000_000)
        let file = try KeyFile(
            sealing: key, password: Secret(password), parameters: .cheap, created: created, username: "u",
            hostname: "h", using: &generator)
        try save(.key, file.encoded())
        let config = RepositoryConfig(
            version: version, id: ResticID(using: &generator), polynomial: try Polynomial(using: &generator))
        try write(key.seal(config.encoded(), iv: InitializationVector(using: &generator)), "config")
    }

    var codec: UnpackedCodec { UnpackedCodec(key: key, version: version) }

    /// The texts of all trees that the index has.
    func trees() throws -> [ResticID: [UInt8]] {
        let decompressor = try Decompressor()
        var trees: [ResticID: [UInt8]] = [:]
        for name in try FolderRepository.files(in: path + "/index") {
            let json = try codec.open(Fixtures.bytes("\(path)/index/\(name)"), with: decompressor)
            for pack in try IndexFile(decoding: json).packs {
                let bytes = try Fixtures.bytes("\(path)/\(FileKind.pack.path(pack.id))")
                for blob in pack.blobs where blob.handle.kind == .tree {
                    let opened = try key.open(Array(bytes[blob.range]))
                    trees[blob.handle.id] =
                        blob.isCompressed ? try decompressor.decompress(opened, length: blob.plainLength) : opened
                }
            }
        }
        return trees
    }

    /// Stores a file under its name.
    @discardableResult
    func save(_ kind: FileKind, _ bytes: [UInt8]) throws -> ResticID {
        let id = ResticID(hashing: bytes)
        if kind == .pack { mkdir("\(path)/data/\(id.description.prefix(2))", 0o700) }
        try write(bytes, kind.path(id))
        return id
    }

    private func write(_ bytes: [UInt8], _ name: String) throws {
        guard let file = fopen("\(path)/\(name)", "wb") else { throw MissingFixture(path: "\(path)/\(name)") }
        let count = fwrite(bytes, 1, bytes.count, file)
        guard fclose(file) == 0, count == bytes.count else { throw MissingFixture(path: "\(path)/\(name)") }
    }

    static func files(in folder: String) throws -> [String] {
        guard let stream = opendir(folder) else { throw MissingFixture(path: folder) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(cString: $0.bindMemory(to: UInt8.self).baseAddress!)
            }
            if name.utf8.count == 64 { names.append(name) }
        }
        return names.sorted()
    }
}
