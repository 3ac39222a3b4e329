import Basics
import ResticFormat

/// Walks folders and turns them into trees, with everything that the pieces of that work share.
///
/// Folders and batches of files are pieces; each runs in a task of its own while `slots` are free and in its parent's task
/// otherwise. So both cores are busy whether the tree is deep, flat, or one large file, and what is in memory at any time is
/// bounded: for each running piece a chunk or a batch, and the nodes of the folders on the way to it.
final class BackupEngine: Sendable {
    /// Names that one piece takes: enough to make a task worth its while, few enough to share a folder out.
    static let batch = 64

    let sink: any BlobSink
    let trees: TreeSource
    let chunker: Chunker
    let rules: ExcludeRules
    let detection: ChangeDetection
    let nodes: NodeBuilder
    let observer: BackupObserver?
    let progress: BackupProgress
    let slots: WorkerSlots
    let chunkBuffers = ChunkBufferPool()

    init(
        sink: any BlobSink, trees: @escaping TreeSource, chunker: Chunker, rules: ExcludeRules,
        detection: ChangeDetection, nodes: NodeBuilder, workers: Int, progress: BackupProgress,
        observer: BackupObserver?
    ) {
        self.sink = sink
        self.trees = trees
        self.chunker = chunker
        self.rules = rules
        self.detection = detection
        self.nodes = nodes
        self.progress = progress
        self.observer = observer
        // One more than processors, with the piece that hands others out: while one ends there is another to go on with.
        slots = WorkerSlots(workers)
    }

    /// The folder of the parent snapshot that `node` describes; nil if there is none or it cannot be loaded: then
    /// everything in it is read.
    func former(_ node: Node?) async throws -> FormerFolder? {
        guard let node, node.kind == .directory, let id = node.subtree else { return nil }
        return try await former(id)
    }

    func former(_ id: ResticID) async throws -> FormerFolder? {
        do {
            return FormerFolder(id: id, try await trees(id))
        } catch {
            if error is CancellationError { throw error }
            return nil
        }
    }

    /// Stores the tree of `nodes`, which ascend by name.
    func saveTree(_ nodes: [Node], former: FormerFolder?) async throws -> ResticID {
        if let former, sink.contains(BlobHandle(.tree, former.id)), former.isSame(as: nodes) { return former.id }
        let text = try Tree(nodes: nodes).encoded()
        let id = ResticID(hashing: text)
        try await sink.waitForRoom()
        let answer = try text.withUnsafeBytes { try sink.save(.tree, id: id, $0) }
        progress.add(.tree, length: text.count, answer)
        return id
    }

    /// Stores a piece of content.
    func saveData(_ bytes: UnsafeRawBufferPointer) async throws -> ResticID {
        let id = ResticID(hashing: bytes)
        try await saveData(id, bytes)
        return id
    }

    func saveData(_ id: ResticID, _ bytes: UnsafeRawBufferPointer) async throws {
        try await sink.waitForRoom()
        let answer = try sink.save(.data, id: id, bytes)
        progress.add(.data, length: bytes.count, answer)
        progress.addRead(bytes: bytes.count)
    }

    func report(_ path: @autoclosure () -> LocalPath, _ error: FileError) {
        progress.addProblem()
        observer?(.problem(ItemProblem(path(), error)))
    }

    func finish(_ node: Node, former: Node?, _ path: @autoclosure () -> LocalPath) {
        let change: FinishedItem.Change = former == nil ? .new : former == node ? .unmodified : .changed
        if let observer {
            let item = FinishedItem(path: path(), kind: node.kind, change: change, size: node.size)
            progress.add(item)
            observer(.finished(item))
        } else {
            progress.add(FinishedItem(path: LocalPath(bytes: []), kind: node.kind, change: change, size: node.size))
        }
    }
}
