import Basics
import NIOCore
import ObjectStorage
import Testing

/// Of what a store says that it offers; a store that offers nothing must say `.unsupported`.
extension ObjectStoreCheck {
    static var features: [ObjectStoreCheck] {
        [
            ObjectStoreCheck("what is not offered is unsupported", notOffered),
            ObjectStoreCheck("a bucket knows itself again", identity),
            ObjectStoreCheck("headers come back, and tags", annotations),
            ObjectStoreCheck("versions are kept, listed and deleted", versions),
            ObjectStoreCheck("a copy within the store", copies),
            ObjectStoreCheck("the parts of an upload are known", parts),
            ObjectStoreCheck("a put from a stream", streamedPut),
            ObjectStoreCheck("an upload goes on in another process", continuedUpload),
        ]
    }

    private static func notOffered(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        let features = store.features
        if !features.offers(.copies) {
            await expectError(.unsupported) {
                try await features.copy(CopyRequest(source: key("a"), target: key("b")))
            }
        }
        if !features.offers(.streamedPuts) {
            await expectError(.unsupported) {
                try await features.put(ByteStream([bytes("x")]), size: 1, at: key("k"), options: PutOptions())
            }
        }
        if !features.offers(.versions) {
            #expect(try await features.versioning() == .never)
            await expectError(.unsupported) { try await features.listVersions(VersionListRequest()) }
        }
        #expect(try await store.allKeys() == [])
    }

    private static func identity(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        guard store.features.offers(.bucketIdentity), !limits.forgetsBuckets else { return }
        let first = try await store.features.bucket()
        _ = try await store.put("x", at: key("k"))
        #expect(try await store.features.bucket() == first)
    }

    private static func annotations(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        guard store.features.offers(.tags), !limits.losesTags else { return }
        var options = PutOptions()
        options.headers = ["cache-control": "no-store", "content-language": "nl"]
        options.tags = ["study": "a b", "x": "1+2=3/@"]
        _ = try await store.put(bytes("x"), at: key("k"), options: options)
        let info = try await store.head(key("k"))
        if !limits.losesHeaders { #expect(info.headers == options.headers) }
        #expect(info.tagCount == 2)
        #expect(try await store.features.tags(of: key("k"), versionID: nil) == options.tags)
        try await store.features.setTags(["only": "one"], of: key("k"), versionID: nil)
        #expect(try await store.features.tags(of: key("k"), versionID: nil) == ["only": "one"])
        #expect(try await store.head(key("k")).etag == info.etag)
    }

    private static func versions(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        let features = store.features
        guard features.offers(.versions), !limits.keepsNoVersions else { return }
        _ = try await store.put("before", at: key("v/a"))
        try await features.setVersioning(.enabled)
        #expect(try await features.versioning() == .enabled)
        let one = try await store.put("one", at: key("v/a"))
        let two = try await store.put("two", at: key("v/a"))
        _ = try await store.put("beside", at: key("v/b"))
        #expect(try await store.delete([key("v/a")]).isEmpty)
        await expectError(.notFound) { try await store.head(key("v/a")) }
        #expect(try await store.allKeys() == ["v/b"])
        let first = try #require(one.versionID)
        let options = GetOptions(versionID: first)
        let old = try await store.read(key("v/a"), limit: .kibibytes(1), options: options)
        #expect(String(buffer: old) == "one")
        var request = VersionListRequest(prefix: "v/", pageSize: 2)
        var found: [ObjectVersion] = []
        while true {
            let page = try await features.listVersions(request)
            found += page.versions
            guard let next = page.next, found.count < 10 else { break }
            request.marker = next
        }
        #expect(found.map(\.info.key.text) == ["v/a", "v/a", "v/a", "v/a", "v/b"])
        #expect(found.map(\.isDeleteMarker) == [true, false, false, false, false])
        #expect(found.map(\.isLatest) == [true, false, false, false, true])
        #expect(found[1].info.versionID == two.versionID && found[2].info.versionID == first)
        #expect(found[3].info.versionID == "null")
        let gone = found.filter(\.isDeleteMarker).compactMap { version in
            version.info.versionID.map { VersionName(key: version.info.key, versionID: $0) }
        }
        #expect(try await features.deleteVersions(gone).isEmpty)
        #expect(try await store.text(at: key("v/a")) == "two")
        for version in found {
            guard let id = version.info.versionID else { continue }
            let name = VersionName(key: version.info.key, versionID: id)
            #expect(try await features.deleteVersions([name]).isEmpty)
        }
        #expect(try await features.listVersions(VersionListRequest(prefix: "v/")).versions.isEmpty)
    }

    private static func copies(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        guard store.features.offers(.copies) else { return }
        let options = PutOptions(contentType: "text/x-check", metadata: ["one": "1"])
        let source = try await store.put(bytes("hello"), at: key("c/from here"), options: options)
        _ = try await store.features.copy(CopyRequest(source: key("c/from here"), target: key("c/to+%2F")))
        #expect(try await store.text(at: key("c/to+%2F")) == "hello")
        if !limits.losesMetadata, !limits.copiesLoseMetadata {
            #expect(try await store.head(key("c/to+%2F")).metadata == ["one": "1"])
        }
        await expectError(.notFound) {
            try await store.features.copy(CopyRequest(source: key("c/none"), target: key("c/t")))
        }
        let replacing = CopyRequest(
            source: key("c/from here"), sourceIfMatch: source.etag, target: key("c/from here"),
            replacement: PutOptions(contentType: "text/x-other", metadata: ["two": "2"]))
        _ = try await store.features.copy(replacing)
        if !limits.losesMetadata { #expect(try await store.head(key("c/from here")).metadata == ["two": "2"]) }
        #expect(try await store.text(at: key("c/from here")) == "hello")
    }

    private static func parts(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        guard store.features.offers(.partSizes), !limits.forgetsParts else { return }
        let put = try await store.put("whole", at: key("p"))
        #expect(try await store.features.partSizes(of: put) == nil)
        let upload = try await store.beginUpload(at: key("q"), options: PutOptions())
        let size = 5 << 20
        let one = try await upload.upload(patternBytes(size), as: 1)
        let two = try await upload.upload(bytes("tail"), as: 2)
        _ = try await upload.complete([one, two])
        #expect(try await store.features.partSizes(of: store.head(key("q"))) == [Int64(size), 4])
    }

    private static func streamedPut(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        guard store.features.offers(.streamedPuts) else { return }
        let content = patternBytes(3 << 20)
        let chunks = (0..<3).compactMap { content.getSlice(at: $0 << 20, length: 1 << 20) }
        let info = try await store.features.put(
            ByteStream(chunks), size: 3 << 20, at: key("s"), options: PutOptions(contentType: "text/x-check"))
        #expect(info.size == 3 << 20)
        #expect(try await store.read(key("s"), limit: .mebibytes(3)) == content)
        if limits.tagsAreDigests {
            let same = try await store.put(content, at: key("t"), options: PutOptions())
            #expect(same.etag == info.etag)
        }
    }

    private static func continuedUpload(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        let features = store.features
        guard features.offers(.continuedUploads) else { return }
        let begun = try await store.beginUpload(at: key("u"), options: PutOptions())
        let id = try #require(begun.id)
        let content = patternBytes(5 << 20)
        _ = try await begun.upload(content, as: 1)
        #expect(try await features.openUploads(prefix: "u").map(\.id) == [id])
        let again = try await features.continueUpload(id, at: key("u"), options: PutOptions())
        let sent = try await features.sentParts(of: id, at: key("u"))
        #expect(sent.map(\.number) == [1] && sent.map(\.size) == [5 << 20])
        let last = try await again.upload(bytes("end"), as: 2)
        #expect(try await again.complete(sent + [last]).size == (5 << 20) + 3)
        #expect(try await store.head(key("u")).size == (5 << 20) + 3)
        await expectError(.notFound) { try await features.sentParts(of: id, at: key("u")) }
    }
}
