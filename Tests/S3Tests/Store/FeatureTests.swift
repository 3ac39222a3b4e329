import Basics
import HTTPTypes
import MartletTestSupport
import NIOCore
import NetworkTransport
import ObjectStorage
import S3
import Testing

@Suite struct `What S3 has beyond objects` {
    private func withStore(
        hasObjectLock: Bool = false, _ body: (S3ObjectStore, S3TestServer) async throws -> Void
    ) async throws {
        try await withS3TestServer { server in
            server.makeBucket("bucket", isVersioned: true, hasObjectLock: hasObjectLock)
            try await withTestStore(server) { store in try await body(store, server) }
        }
    }

    @Test func `buckets are listed, made, found and removed`() async throws {
        try await withS3TestServer { server in
            try await withTestStore(server, bucket: "new-bucket") { store in
                let found1 = try await store.bucketExists()
                #expect(found1 == false)
                try await failure(.notFound) { try await store.features.bucket() }
                try await store.createBucket(hasObjectLock: true)
                try await store.createBucket(hasObjectLock: true)
                let isTrue2 = try await store.bucketExists()
                #expect(isTrue2)
                let names3 = try await withNetworkTransport { transport in
                    let configuration = S3Configuration.toTestServer(server, bucket: "")
                    return try await S3Server(configuration, transport: transport, clock: .ofTheMachine).buckets()
                }.map(\.name)
                #expect(names3 == ["new-bucket"])
                let isTrue4 = try await store.features.bucket().createdAt != nil
                #expect(isTrue4)
                let found5 = try await store.features.objectLock()
                #expect(found5 == BucketLock())
                let found6 = try await store.features.versioning()
                #expect(found6 == .enabled)
                try await store.deleteBucket()
                let found7 = try await store.bucketExists()
                #expect(found7 == false)
            }
        }
    }

    @Test func `open uploads are told page after page`() async throws {
        try await withStore { store, _ in
            for number in 0..<1003 { _ = try await store.beginUpload(at: key("u/\(number)"), options: PutOptions()) }
            let open = try await store.features.openUploads(prefix: "u/")
            #expect(open.count == 1003 && Set(open.map(\.key)).count == 1003)
        }
    }

    @Test func `locks keep a version until their time`() async throws {
        try await withStore(hasObjectLock: true) { store, server in
            let until = Timestamp(seconds: 4_000_000_000)
            var options = PutOptions()
            options.retention = ObjectRetention(mode: .compliance, until: until)
            let info = try await store.put(ByteBuffer(string: "x"), at: key("k"), options: options)
            let name = VersionName(key: try key("k"), versionID: try #require(info.versionID))
            let found8 = try await store.features.retention(of: name.key, versionID: name.versionID)
            #expect(found8 == ObjectRetention(mode: .compliance, until: until))
            let found9 = try await store.features.deleteVersions([name])[name]?.code
            #expect(found9 == .forbidden)
            let later = ObjectRetention(mode: .compliance, until: until + .seconds(1))
            try await store.features.setRetention(later, of: name.key, versionID: name.versionID)
            let found10 = try await store.features.retention(of: name.key, versionID: nil)
            #expect(found10 == later)
            let earlier = ObjectRetention(mode: .compliance, until: until)
            try await failure(.forbidden) {
                try await store.features.setRetention(earlier, of: name.key, versionID: nil)
            }
            _ = try await store.put(ByteBuffer(string: "x"), at: key("free"), options: PutOptions())
            let found11 = try await store.features.retention(of: key("free"), versionID: nil)
            #expect(found11 == nil)
            #expect(server.versions(of: name.key, in: "bucket").count == 1)
        }
    }

    @Test func `many versions are deleted in few requests, odd keys one by one`() async throws {
        try await withStore { store, server in
            let keys = try (0..<1203).map { try key("k\($0)") } + [key("odd\u{1}")]
            var names: [VersionName] = []
            for key in keys {
                let version = server.put(ByteBuffer(string: "x"), at: key, in: "bucket")
                names.append(VersionName(key: key, versionID: version.versionID))
            }
            let isTrue12 = try await store.features.deleteVersions(names).isEmpty
            #expect(isTrue12)
            #expect(server.count(.deleteMany) == 2 && server.count(.delete) == 1)
            #expect(server.keys(in: "bucket").isEmpty)
        }
    }

    @Test func `parts of equal size are told after three requests, few odd ones after one each`() async throws {
        try await withStore { store, server in
            let many = Array(repeating: 7, count: 100) + [3]
            server.put(patternBytes(703), at: try key("many"), in: "bucket", partSizes: many)
            let found13 = try await store.features.partSizes(of: store.head(key("many")))
            #expect(found13 == many.map(Int64.init))
            #expect(server.count(.head) == 3)
            server.put(patternBytes(60), at: try key("odd"), in: "bucket", partSizes: [10, 30, 20])
            let found14 = try await store.features.partSizes(of: store.head(key("odd")))
            #expect(found14 == [10, 30, 20])
            server.put(patternBytes(5), at: try key("one"), in: "bucket", partSizes: [5])
            let found15 = try await store.features.partSizes(of: store.head(key("one")))
            #expect(found15 == [5])
            server.put(patternBytes(5), at: try key("none"), in: "bucket")
            let found16 = try await store.features.partSizes(of: store.head(key("none")))
            #expect(found16 == nil)
        }
    }

    @Test func `a stream that is shorter or longer than announced writes nothing`() async throws {
        try await withStore { store, server in
            let stream = ByteStream([ByteBuffer(string: "12345")])
            for size in [4, 6] as [Int64] {
                await #expect(throws: StoreError.self) {
                    try await store.features.put(stream, size: size, at: key("k"), options: PutOptions())
                }
            }
            var options = PutOptions()
            options.contentMD5 = Array(repeating: 0, count: 16)
            try await failure(.integrity) {
                try await store.features.put(stream, size: 5, at: key("k"), options: options)
            }
            #expect(server.object(try key("k"), in: "bucket") == nil)
        }
    }

    @Test func `a stream that meets a wrong clock can be sent again`() async throws {
        try await withStore { store, server in
            server.setClock(offset: .seconds(3600))
            let stream = ByteStream([ByteBuffer(string: "12345")])
            try await failure(.unavailable) {
                try await store.features.put(stream, size: 5, at: key("k"), options: PutOptions())
            }
            _ = try await store.features.put(stream, size: 5, at: key("k"), options: PutOptions())
            #expect(server.object(try key("k"), in: "bucket")?.bytes == ByteBuffer(string: "12345"))
        }
    }

    @Test func `copies keep their conditions and do not copy onto themselves`() async throws {
        try await withStore { store, server in
            let info = try await store.put(ByteBuffer(string: "x"), at: key("a"), options: PutOptions())
            var request = CopyRequest(source: try key("a"), sourceIfMatch: "other", target: try key("b"))
            try await failure(.preconditionFailed) { try await store.features.copy(request) }
            request.sourceIfMatch = info.etag
            request.sourceVersionID = info.versionID
            let found17 = try await store.features.copy(request).size
            #expect(found17 == 1)
            try await failure(.invalid) {
                try await store.features.copy(CopyRequest(source: key("a"), target: key("a")))
            }
            for (from, to) in [("../x", "y"), ("y", "a/../x")] {
                try await failure(.unsupported) {
                    try await store.features.copy(CopyRequest(source: key(from), target: key(to)))
                }
            }
        }
    }

    @Test func `headers, tags and class travel with a write`() async throws {
        try await withStore { store, server in
            var options = PutOptions(contentType: "text/x-a", metadata: ["a": "ü"])
            options.headers = ["content-encoding": "gzip", "cache-control": "no-store"]
            options.tags = ["one two": "3&4"]
            options.storageClass = "STANDARD_IA"
            _ = try await store.put(ByteBuffer(string: "x"), at: key("k"), options: options)
            let object = try #require(server.object(try key("k"), in: "bucket"))
            #expect(object.headers["content-encoding"] == "gzip" && object.tags == ["one two": "3&4"])
            let info = try await store.head(key("k"))
            #expect(info.headers == options.headers && info.tagCount == 1 && info.storageClass == "STANDARD_IA")
            #expect(info.metadata == ["a": "ü"])
            var odd = PutOptions()
            odd.headers = ["x-other": "1"]
            try await failure(.invalid) { try await store.put(ByteBuffer(), at: key("k"), options: odd) }
        }
    }

    @Test func `a URL that was signed for writing writes, and one for reading reads`() async throws {
        try await withStore { store, server in
            try await withNetworkTransportOfTests { transport in
                let upload = try await store.presignedUpload(to: key("a b"), lifetime: .seconds(60))
                let put = try await transport.answer(.put, upload, body: ByteBuffer(string: "hello"))
                #expect(put.status == 200)
                let download = try await store.presignedURL(for: key("a b"), lifetime: .seconds(60))
                let read = try await transport.answer(.get, download)
                #expect(read.status == 200 && read.body == "hello")
                let found18 = try await transport.answer(.get, upload).status
                #expect(found18 == 403)
                server.setClock(offset: .seconds(120))
                let found19 = try await transport.answer(.get, download).status
                #expect(found19 == 403)
            }
        }
    }
}
