import Basics
import Glibc
package import NIOCore
import NIOPosix
import Synchronization

/// An object store in a folder: each object is an ordinary file, found where its key says; see `FolderPath`.
///
/// A write goes to a new file in the same folder, to the disk, and then to its name, so readers and a crash find the old
/// object or the new one. Symbolic links are never followed. Files are made for this user alone: backups hold secrets.
///
/// What a folder cannot do: keep `a` and `a/b` at once, names over 255 bytes (`.unsupported`), versions. Files are read
/// and written on a few threads of their own, never on those that run tasks; large pieces past the page cache, see
/// `DirectTransfer`. Memory: see `FileBody` for an open object and `FolderWalker` for listings.
package final class FolderObjectStore: ObjectStore {
    package let location: String
    let tree: FolderTree
    /// The listings that somebody may continue, the latest last: at most 4, so at most 4 * 512 open folders.
    private let walkers = Mutex<[(token: String, request: ListRequest, walker: FolderWalker)]>([])
    private let threads: NIOThreadPool

    /// - Parameters:
    ///   - path: the folder; itself it may be a symbolic link.
    ///   - creates: whether to make the folder if it is missing.
    /// - Throws: `.notFound`, `.forbidden`.
    package init(path: String, creates: Bool = false) throws(StoreError) {
        tree = try FolderTree(path: path, creates: creates)
        location = "file://\(path)"
        threads = NIOThreadPool.singleton
    }

    package var features: any StoreFeatures { FolderFeatures(store: self) }

    package func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo {
        try await open(key).info
    }

    package func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        if let version = options.versionID {
            throw StoreError(.notFound, "no version '\(version)' of '\(key)': a folder keeps no versions")
        }
        let (file, info) = try await open(key)
        if let tag = options.ifMatch, tag != info.etag {
            throw StoreError(.preconditionFailed, "'\(key)' in \(location) is not at tag '\(tag)' any more")
        }
        let range = try options.range.map { range throws(StoreError) in
            try range.checked(against: info.size, of: key, in: location)
        }
        let body = FileBody(file, range ?? 0..<info.size, name: "'\(key)' in \(location)", threads: threads)
        return StoredObject(info: info, body: body.stream)
    }

    package func put(
        _ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions
    ) async throws(StoreError) -> ObjectInfo {
        let path = try FolderPath(key)
        return try await blocking("writing '\(key)'") { [tree] in
            try tree.write(at: path, key: key, options: options) { try $0.write(bytes, at: 0) }
        }
    }

    package func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload {
        let path = try FolderPath(key)
        let shared = try await blocking("writing '\(key)'") { [tree] in try tree.makePending(at: path) }
        return FolderUpload(store: self, key: key, path: path, options: options, shared: shared)
    }

    package func list(_ request: ListRequest) async throws(StoreError) -> ListPage {
        let cursor = try ListCursor(request)
        let kept = takeWalker(for: request)
        let (page, walker) = try await blocking("listing '\(request.prefix)'") { [tree] in
            var walker = try kept ?? FolderWalker(tree: tree, request: request, cursor: cursor)
            return (try walker.page(size: request.pageSize), walker)
        }
        if let token = page.nextToken { keep(walker, for: request, token: token) }
        return page
    }

    package func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        var failures: [ObjectKey: StoreError] = [:]
        for key in keys {
            do throws(StoreError) {
                let path = try FolderPath(key)
                try await blocking("deleting '\(key)'") { [tree] in try tree.delete(path) }
            } catch {
                if error.code == .cancelled { throw error }
                failures[key] = error
            }
        }
        return failures
    }

    /// Runs `body`, which may wait for a disk, on a thread that may.
    func blocking<Result: Sendable>(
        _ doing: String, _ body: @escaping @Sendable () throws -> Result
    ) async throws(StoreError) -> Result {
        do {
            return try await threads.runIfActive(body)
        } catch let error as SystemError {
            throw StoreError(error, "\(doing) in \(location)")
        } catch {
            throw StoreError(error, while: "\(doing) in \(location)")
        }
    }

    private func open(_ key: ObjectKey) async throws(StoreError) -> (file: Descriptor, info: ObjectInfo) {
        let path = try FolderPath(key)
        let found = try await blocking("opening '\(key)'") { [tree] in
            do throws(SystemError) {
                let (file, state) = try FolderTree.openFile(path.file, in: tree.open(path.folders))
                return (file, state.info(key, FolderAttributes.read(from: file))) as (Descriptor, ObjectInfo)?
            } catch {
                if SystemError.noSuchFile.contains(error.number) { return nil }
                throw error
            }
        }
        guard let found else { throw StoreError(.notFound, "no object '\(key)' in \(location)") }
        return found
    }

    private func takeWalker(for request: ListRequest) -> FolderWalker? {
        guard let token = request.continuationToken else { return nil }
        return walkers.withLock { walkers in
            let index = walkers.firstIndex {
                $0.token == token && $0.request.prefix.hasSameBytes(as: request.prefix)
                    && $0.request.delimiter == request.delimiter
            }
            return index.map { walkers.remove(at: $0).walker }
        }
    }

    private func keep(_ walker: FolderWalker, for request: ListRequest, token: String) {
        walkers.withLock { walkers in
            if walkers.count == 4 { walkers.removeFirst() }
            walkers.append((token, request, walker))
        }
    }
}

extension SystemError {
    /// There is nothing of that name, or something on the way to it is no folder, or a link.
    static let noSuchFile: Set<Int32> = [ENOENT, ENOTDIR, ELOOP, EISDIR, ENAMETOOLONG]
}
