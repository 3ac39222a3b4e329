import Basics
import MartletCLI
import ObjectStorage
import Synchronization

/// Buckets, folders and files in memory: what a machine with a few servers around it looks like to the everyday commands.
final class StoreShelf: Sendable {
    private struct Content {
        var files: [String: [UInt8]] = [:]
        var buckets: [String: InMemoryObjectStore] = [:]
        var folders: [String: InMemoryObjectStore] = [:]
        var refusesKeys = false
    }

    private let content: Mutex<Content>

    /// - Parameters:
    ///   - buckets: by what stands before the key: `ALIAS/BUCKET`, or the bucket of an `s3://` URL.
    ///   - folders: by their paths.
    init(
        files: [String: String] = [:], buckets: [String: InMemoryObjectStore] = [:],
        folders: [String: InMemoryObjectStore] = [:], refusesKeys: Bool = false
    ) {
        content = Mutex(
            Content(
                files: files.mapValues { Array($0.utf8) }, buckets: buckets, folders: folders, refusesKeys: refusesKeys)
        )
    }

    func file(_ path: String) -> String? {
        content.withLock { $0.files[path].map { String(decoding: $0, as: UTF8.self) } }
    }

    var bucketNames: [String] { content.withLock { $0.buckets.keys.sorted() } }

    func aliases(_ environment: [String: String]) -> AliasBook {
        AliasBook(
            environment: environment,
            files: ConfigurationFiles(
                read: { path in self.content.withLock { $0.files[path] } },
                write: { path, bytes in self.content.withLock { $0.files[path] = bytes } }))
    }

    func access(_ aliases: AliasBook) -> StoreAccess {
        StoreAccess(
            places: PlaceReader(aliases: aliases, pathExists: { self.kind($0) != nil }),
            folder: { path, creates in try self.folder(path, creates: creates) }, kind: { self.kind($0) },
            bucket: { try self.bucket($0) }, server: { self.server($0) })
    }

    private func kind(_ path: String) -> PathKind? {
        let path = path.hasSuffix("/") ? String(path.dropLast()) : path
        return content.withLock { content in
            if content.files[path] != nil { return .file }
            return path == "." || content.folders[path] != nil ? .folder : nil
        }
    }

    private func folder(_ path: String, creates: Bool) throws -> any ObjectStore {
        let path = path.hasSuffix("/") ? String(path.dropLast()) : path
        return try content.withLock { content in
            if let folder = content.folders[path] { return folder }
            guard creates else { throw StoreError(.notFound, "there is no folder '\(path)'") }
            let folder = InMemoryObjectStore()
            content.folders[path] = folder
            return folder
        }
    }

    private static func name(_ bucket: StoreURL.S3Bucket) -> String {
        (bucket.alias.map { "\($0)/" } ?? "") + bucket.bucket
    }

    private func bucket(_ location: StoreURL.S3Bucket) throws -> any ObjectStore {
        let name = StoreShelf.name(location)
        guard let bucket = content.withLock({ $0.buckets[name] }) else {
            throw StoreError(.notFound, "there is no bucket '\(name)'")
        }
        return bucket
    }

    private func server(_ location: StoreURL.S3Bucket) -> ServerAccess {
        let name = StoreShelf.name(location)
        return ServerAccess(
            list: {
                try self.content.withLock { content in
                    if content.refusesKeys { throw StoreError(.unauthorized, "the keys are not known") }
                    return content.buckets.keys.sorted().filter { $0.hasPrefix(name) }.map {
                        ServerAccess.Bucket(name: String($0.dropFirst(name.count)), createdAt: nil)
                    }
                }
            },
            create: { self.content.withLock { $0.buckets[name] = $0.buckets[name] ?? InMemoryObjectStore() } },
            remove: { self.content.withLock { $0.buckets[name] = nil } },
            exists: {
                self.content.withLock { $0.buckets[name] != nil }
            })
    }
}
