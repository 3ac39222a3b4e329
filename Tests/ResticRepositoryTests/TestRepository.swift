import Basics
import MartletTestSupport
import NIOCore
import ObjectStorage
import ResticFormat
import ResticRepository
import Synchronization

let testPassword = Secret("correct horse")

extension RepositoryEnvironment {
    /// A process of a test. Pauses take no time.
    static func test(
        _ clock: ManualClock = ManualClock(), host: String = "testhost", pid: Int32 = 4242,
        state: @escaping @Sendable (LockOwner) -> OwnerState = { _ in .unknown }
    ) -> RepositoryEnvironment {
        RepositoryEnvironment(
            clock: clock.wall, pauses: ManualPauses(clock),
            owner: LockOwner(hostname: host, username: "tester", pid: pid), ownerState: state)
    }
}

extension RepositoryOptions {
    /// A key that costs nothing.
    static func cheap(_ version: RepositoryVersion = .v2) -> RepositoryOptions {
        var options = RepositoryOptions()
        options.version = version
        options.keyParameters = .cheap
        options.polynomial = Polynomial(bits: 0x3DA3_358B_4DC173)
        return options
    }
}

/// A new repository in `store`.
func makeRepository(
    in store: any ObjectStore = InMemoryObjectStore(), version: RepositoryVersion = .v2,
    environment: RepositoryEnvironment = .test()
) async throws -> Repository {
    try await Repository.initialize(
        in: store, password: testPassword, options: .cheap(version), environment: environment)
}

/// A file of a test snapshot: a name and the blobs of its content.
struct TestFile: Sendable {
    let name: String
    let content: [[UInt8]]

    var size: Int { content.reduce(0) { $0 + $1.count } }

    /// Files with one to three blobs of at most `most` bytes, some compressible, some not.
    static func random(_ count: Int, seed: UInt64, most: Int = 20_000) -> [TestFile] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { number in
            let blobs = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
                randomBytes(Int.random(in: 1...most, using: &generator), using: &generator)
            }
            return TestFile(name: "file-\(seed)-\(padded(number, 5))", content: blobs)
        }
    }
}

func randomBytes(_ count: Int, using generator: inout SeededGenerator) -> [UInt8] {
    let isText = Bool.random(using: &generator)
    return (0..<count).map { _ in
        let byte = UInt8.random(in: 0...255, using: &generator)
        return isText ? UInt8(ascii: "a") + byte % 4 : byte
    }
}

extension IndexedRepository {
    /// Backs `files` up in two folders, and returns the snapshot.
    @discardableResult
    func backUp(
        _ files: [TestFile], options: WriterOptions = WriterOptions(), tags: [String] = [], host: String = "testhost",
        time: String = "2026-11-01T12:00:00Z"
    ) async throws -> ResticID {
        let root = try await withBlobWriter(options) { writer in
            var folders: [Node] = []
            for half in 0..<2 {
                let some = files.enumerated().filter { $0.offset % 2 == half }.map(\.element)
                let nodes = try await mapConcurrently(some, limit: 4) { file in try await writer.save(file) }
                let sorted = nodes.sorted { $0.name < $1.name }
                folders.append(.folder("folder-\(half)", try await writer.save(Tree(nodes: sorted))))
            }
            return try await writer.save(Tree(nodes: folders))
        }
        var snapshot = SnapshotFile(
            time: NodeTime(Timestamp(time)!), tree: root, paths: ["/data"])
        snapshot.hostname = host
        snapshot.tags = tags
        return try await repository.saveSnapshot(snapshot)
    }
}

extension BlobWriter {
    func save(_ file: TestFile) async throws -> Node {
        var node = Node(
            name: FileName(file.name), kind: .file, mode: GoFileMode(rawValue: 0o644),
            modified: NodeTime(seconds: 1_700_000_000))
        node.content = []
        for blob in file.content {
            try await waitForRoom()
            let id = ResticID(hashing: blob)
            _ = try save(.data, id: id, blob)
            node.content?.append(id)
        }
        node.size = UInt64(file.size)
        node.links = 1
        return node
    }
}

extension Node {
    static func folder(_ name: String, _ tree: ResticID) -> Node {
        var node = Node(
            name: FileName(name), kind: .directory, mode: GoFileMode(rawValue: 0o755 | 1 << 31),
            modified: NodeTime(seconds: 1_700_000_000))
        node.subtree = tree
        return node
    }
}
