import Basics
import Glibc
import MartletTestSupport
import NIOCore
import ObjectStorage
import Testing

@Suite struct `A folder` {
    @Test func `holds plain keys as plain files`() async throws {
        try await withTemporaryFolder { path in
            let store = try FolderObjectStore(path: path)
            let key = ObjectKey("backups/daily/velero-backup.json")!
            _ = try await store.put(ByteBuffer(string: "{}"), at: key, options: PutOptions())
            #expect(contents("\(path)/backups/daily/velero-backup.json") == "{}")
            var status = stat()
            #expect(stat("\(path)/backups/daily/velero-backup.json", &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
        }
    }

    @Test func `is read as other programs left it`() async throws {
        try await withTemporaryFolder { path in
            mkdir("\(path)/data", 0o755)
            write("by hand", to: "\(path)/data/file with spaces")
            write("half", to: "\(path)/data/.martlet-tmp-1-1")
            mkfifo("\(path)/pipe", 0o644)
            mkdir("\(path)/empty", 0o755)
            let store = try FolderObjectStore(path: path)
            let page = try await store.list(ListRequest(delimiter: "/"))
            #expect(page.commonPrefixes == ["data/"] && page.objects.isEmpty)
            #expect(try await store.list(ListRequest()).objects.map(\.key.text) == ["data/file with spaces"])
            #expect(try await store.contains(ObjectKey("pipe")!) == false)
            #expect(try await store.contains(ObjectKey("data")!) == false)
        }
    }

    @Test(arguments: ["link", "folder/key", "folder/sub/key"])
    func `never follows a link`(text: String) async throws {
        try await withTemporaryFolder { outside in
            write("secret", to: "\(outside)/key")
            mkdir("\(outside)/sub", 0o755)
            write("secret", to: "\(outside)/sub/key")
            try await withTemporaryFolder { path in
                symlink("\(outside)/key", "\(path)/link")
                symlink(outside, "\(path)/folder")
                let store = try FolderObjectStore(path: path)
                let key = ObjectKey(text)!
                let error = await #expect(throws: StoreError.self) { try await store.get(key, options: GetOptions()) }
                #expect(error?.code == .notFound)
                #expect(try await store.list(ListRequest()).objects.isEmpty)
                #expect(try await store.list(ListRequest(delimiter: "/")).commonPrefixes.isEmpty)
                _ = try await store.delete([key])
                // Writing replaces a link that stands for the file, and refuses one that stands for a folder.
                _ = try? await store.put(ByteBuffer(string: "new"), at: key, options: PutOptions())
                #expect(contents("\(outside)/key") == "secret" && contents("\(outside)/sub/key") == "secret")
            }
        }
    }

    @Test func `leaves no temporary files`() async throws {
        try await withTemporaryFolder { path in
            let store = try FolderObjectStore(path: path)
            let key = ObjectKey("k")!
            _ = try await store.put(ByteBuffer(string: "x"), at: key, options: PutOptions())
            _ = try? await store.put(ByteBuffer(string: "y"), at: key, options: PutOptions(condition: .ifAbsent))
            var metadata = PutOptions()
            metadata.metadata = ["name": "two\nlines"]
            await #expect(throws: StoreError.self) { try await store.put(ByteBuffer(), at: key, options: metadata) }
            let upload = try await store.beginUpload(at: key, options: PutOptions())
            _ = try await upload.upload(ByteBuffer(string: "part"), as: 1)
            try await upload.abort()
            _ = try await store.upload(at: key) { try await $0.write(patternBytes(20 << 20)) }
            #expect(names(in: path) == ["k"])
        }
    }

    /// From a megabyte on memory that begins on a page is written past the page cache, and what is not in the cache is read
    /// past it: whatever the lengths and offsets, the bytes are the same.
    @Test(arguments: [1 << 20, (1 << 20) + 1, (3 << 20) - 1, (5 << 20) + 4097])
    func `gives back large objects of any length`(length: Int) async throws {
        try await withTemporaryFolder { path in
            let store = try FolderObjectStore(path: path)
            let key = ObjectKey("large")!
            let plain = patternBytes(length)
            var none = ByteBuffer()
            var aligned = ByteBuffer.aligned(taking: &none, capacity: length)
            aligned.writeImmutableBuffer(plain)
            #expect(aligned.withUnsafeReadableBytes { Int(bitPattern: $0.baseAddress) % DirectTransfer.alignment } == 0)
            let info = try await store.put(aligned, at: key, options: PutOptions())
            #expect(info.size == Int64(length))
            for range in [0..<length, 1..<length, 4095..<(length - 1), (length / 2)..<length, (length - 5)..<length] {
                let options = GetOptions(range: Int64(range.lowerBound)..<Int64(range.upperBound))
                let read = try await store.read(key, limit: .mebibytes(64), options: options)
                #expect(read == plain.getSlice(at: range.lowerBound, length: range.count))
            }
            // What lies elsewhere in memory goes the ordinary way.
            aligned.moveReaderIndex(forwardBy: 1)
            _ = try await store.put(aligned, at: key, options: PutOptions())
            #expect(try await store.read(key, limit: .mebibytes(64)) == plain.getSlice(at: 1, length: length - 1))
            #expect(names(in: path) == ["large"])
        }
    }

    @Test func `says what to do when the disk is full`() async throws {
        // /dev/full answers every write with "no space left"; a folder of that kind needs a mount, so the limit on the
        // size of files stands in: the same code path, another number.
        try await withTemporaryFolder { path in
            let store = try FolderObjectStore(path: path)
            let error = await #expect(throws: StoreError.self) {
                try await store.put(
                    ByteBuffer(string: "x"), at: ObjectKey(String(repeating: "n", count: 300))!, options: PutOptions())
            }
            #expect(error?.code == .unsupported)
        }
    }

    @Test func `that is missing is notFound, or made`() async throws {
        try await withTemporaryFolder { path in
            let error = #expect(throws: StoreError.self) { try FolderObjectStore(path: "\(path)/a/b") }
            #expect(error?.code == .notFound)
            let store = try FolderObjectStore(path: "\(path)/a/b", creates: true)
            #expect(try await store.list(ListRequest()).objects.isEmpty)
        }
    }

    @Test func `gives the same listing to a new store in the middle`() async throws {
        try await withTemporaryFolder { path in
            let store = try FolderObjectStore(path: path)
            let keys = (0..<200).map { "d\($0 % 7)/e\($0 % 3)/\($0)" }.sorted()
            for key in keys { _ = try await store.put(ByteBuffer(), at: ObjectKey(key)!, options: PutOptions()) }
            var found: [String] = []
            var request = ListRequest(pageSize: 9)
            repeat {
                // Each page by a store that knows nothing of the page before.
                let page = try await FolderObjectStore(path: path).list(request)
                found += page.objects.map(\.key.text)
                request.continuationToken = page.nextToken
            } while request.continuationToken != nil
            #expect(found == keys)
        }
    }

    @Test func `tells writes of one instant apart`() async throws {
        try await withTemporaryFolder { path in
            let store = try FolderObjectStore(path: path)
            var tags: Set<String> = []
            for _ in 0..<50 {
                let info = try await store.put(ByteBuffer(string: "x"), at: ObjectKey("k")!, options: PutOptions())
                tags.insert(info.etag ?? "")
            }
            #expect(tags.count == 50)
        }
    }
}

private func contents(_ path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = fread(&buffer, 1, buffer.count, file)
    return String(decoding: buffer.prefix(count), as: UTF8.self)
}

private func write(_ text: String, to path: String) {
    guard let file = fopen(path, "w") else { return }
    fputs(text, file)
    fclose(file)
}

private func names(in path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let record = readdir(folder) {
        let name = withUnsafeBytes(of: &record.pointee.d_name) {
            String(cString: $0.bindMemory(to: UInt8.self).baseAddress!)
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
}
