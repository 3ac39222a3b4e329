import Basics
import BucketMirror
import Glibc
import MartletTestSupport
import NIOCore
import ObjectStorage
import Testing

/// With `MARTLET_LONG_SOAK=1` a million keys, and the memory of the process is looked at; else as many as pass quickly.
@Suite(.serialized) struct `Checklist: many keys` {
    private static let isLong = getenv("MARTLET_LONG_SOAK") != nil

    @Test func `a million small keys: memory stays flat, no request for what is unchanged, mass delete brakes`()
        async throws
    {
        let count = `Checklist: many keys`.isLong ? 1_000_000 : 20_000
        try await withTemporaryFolder { path in
            let source = VastStore(count: count)
            let target = MeteredStore(SinkStore())
            let index = try makeIndex(path + "/index")
            func change(_ options: inout MirrorOptions) {
                options.history = .off
                options.deletes = .propagate
            }
            let start = ContinuousClock.now
            let first = try await mirror(source, target, index: index, change)
            let copying = ContinuousClock.now - start
            let writes = target.use.calls
            let second = try await mirror(source, target, index: index, change)
            let scanning = ContinuousClock.now - start - copying
            #expect(first.counts.copied == count && second.counts.equal == count)
            #expect(target.use.calls == writes)
            let shrunk = VastStore(count: count / 10)
            let report = try await mirror(shrunk, target, index: index, change)
            #expect(report.counts.held == count - count / 10 && report.counts.removed == 0)
            if `Checklist: many keys`.isLong {
                print(
                    "\(count) keys: copied in \(copying), compared in \(scanning), \(residentMebibytes()) MiB resident")
                #expect(residentMebibytes() < 256)
            }
        }
    }

    private func residentMebibytes() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, 256, file) != nil else { return 0 }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return (pages * 4096) >> 20
    }
}

/// Objects that are made up as they are asked for.
struct VastStore: ObjectStore {
    let location = "vast:"
    let count: Int

    private func info(_ number: Int) -> ObjectInfo {
        let name = "topics/android_phone_usage/partition=0/\(padded(number, 9)).avro"
        return ObjectInfo(
            key: key(name), size: 16, etag: "0123456789abcdef0123456" + padded(number, 9),
            lastModified: Timestamp(seconds: 5))
    }

    private func number(of key: ObjectKey) -> Int? {
        key.text.split(separator: "/").last.flatMap { Int($0.dropLast(5)) }.flatMap { $0 < count ? $0 : nil }
    }

    func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo {
        guard let number = number(of: key) else { throw StoreError(.notFound, "beyond") }
        return info(number)
    }

    func get(_ key: ObjectKey, options: GetOptions) async throws(StoreError) -> StoredObject {
        StoredObject(info: try await head(key), body: ByteStream([ByteBuffer(repeating: 7, count: 16)]))
    }

    func list(_ request: ListRequest) async throws(StoreError) -> ListPage {
        let start = request.continuationToken.flatMap { Int($0) } ?? 0
        let end = min(count, start + request.pageSize)
        return ListPage(objects: (start..<end).map(info), nextToken: end < count ? "\(end)" : nil)
    }

    func put(_ bytes: ByteBuffer, at key: ObjectKey, options: PutOptions) async throws(StoreError) -> ObjectInfo {
        throw StoreError(.unsupported, "made up")
    }

    func beginUpload(at key: ObjectKey, options: PutOptions) async throws(StoreError) -> any ObjectUpload {
        throw StoreError(.unsupported, "made up")
    }

    func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] { [:] }
}
