import Basics
import NIOCore
import ObjectStorage
import Testing

extension ObjectStoreCheck {
    static var uploads: [ObjectStoreCheck] {
        [
            ObjectStoreCheck("parts in any order make the object", partsInAnyOrder),
            ObjectStoreCheck("nothing is seen before complete, nothing is left after abort", abort),
            ObjectStoreCheck("a part sent again replaces", replacedPart),
            ObjectStoreCheck("part numbers may have gaps", gaps),
            ObjectStoreCheck("a part that was never sent cannot be joined", unsentPart),
            ObjectStoreCheck("a small part before the last is refused", smallPart),
            ObjectStoreCheck("an upload carries metadata and conditions", uploadOptions),
            ObjectStoreCheck("a writer makes a put of few bytes and parts of many", writer),
            ObjectStoreCheck("a writer that fails leaves nothing", failedWriter),
        ]
    }

    private static let partSize = 5 << 20

    private static func partsInAnyOrder(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        let content = patternBytes(2 * partSize + 77)
        let upload = try await store.beginUpload(at: key("k"), options: PutOptions())
        var parts: [UploadedPart] = []
        for number in limits.takesPartsInOrderOnly ? [1, 2, 3] : [3, 1, 2] {
            parts.append(try await upload.upload(slice(content, number), as: number))
        }
        let info = try await upload.complete(parts.sorted { $0.number < $1.number })
        #expect(info.size == Int64(content.readableBytes))
        #expect(try await store.read(key("k"), limit: .mebibytes(16)) == content)
        if !limits.takesPartsInOrderOnly { #expect(try await store.head(key("k")).etag == info.etag) }
        try await upload.abort()
        #expect(try await store.contains(key("k")))
    }

    private static func abort(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        _ = try await store.put("before", at: key("k"))
        let upload = try await store.beginUpload(at: key("k"), options: PutOptions())
        let part = try await upload.upload(bytes("after"), as: 1)
        #expect(try await store.text(at: key("k")) == "before")
        #expect(try await store.allKeys() == ["k"])
        try await upload.abort()
        try await upload.abort()
        await expectError(.notFound, .unavailable, .invalid) { try await upload.complete([part]) }
        #expect(try await store.text(at: key("k")) == "before")
    }

    private static func replacedPart(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        let upload = try await store.beginUpload(at: key("k"), options: PutOptions())
        _ = try await upload.upload(patternBytes(partSize, seed: 9), as: 1)
        guard !limits.takesPartsInOrderOnly else {
            await expectError(.unsupported) { try await upload.upload(bytes("again"), as: 1) }
            return try await upload.abort()
        }
        let second = try await upload.upload(bytes("end"), as: 2)
        let first = try await upload.upload(patternBytes(partSize + 5), as: 1)
        _ = try await upload.complete([first, second])
        var whole = patternBytes(partSize + 5)
        whole.writeString("end")
        #expect(try await store.read(key("k"), limit: .mebibytes(6)) == whole)
    }

    private static func gaps(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        let upload = try await store.beginUpload(at: key("k"), options: PutOptions())
        guard !limits.takesPartsInOrderOnly else { return try await upload.abort() }
        let late = try await upload.upload(bytes("end"), as: 9_999)
        let early = try await upload.upload(patternBytes(partSize), as: 4)
        _ = try await upload.complete([early, late])
        var whole = patternBytes(partSize)
        whole.writeString("end")
        #expect(try await store.read(key("k"), limit: .mebibytes(6)) == whole)
    }

    private static func unsentPart(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        let upload = try await store.beginUpload(at: key("k"), options: PutOptions())
        let part = try await upload.upload(bytes("x"), as: 1)
        let invented = UploadedPart(number: 2, size: 1, etag: "0cc175b9c0f1b6a831c399e269772661")
        await expectError(.invalid) { try await upload.complete([part, invented]) }
        await expectError(.invalid) { try await upload.complete([]) }
        await expectError(.invalid) { try await upload.upload(bytes("x"), as: 0) }
        await expectError(.invalid) { try await upload.upload(bytes("x"), as: 10_001) }
        #expect(try await store.contains(key("k")) == false)
        try await upload.abort()
    }

    private static func smallPart(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        let upload = try await store.beginUpload(at: key("k"), options: PutOptions())
        let parts = [try await upload.upload(bytes("a"), as: 1), try await upload.upload(bytes("b"), as: 2)]
        if limits.takesSmallParts {
            _ = try await upload.complete(parts)
            #expect(try await store.text(at: key("k")) == "ab")
        } else {
            await expectError(.invalid) { try await upload.complete(parts) }
            try await upload.abort()
        }
    }

    private static func uploadOptions(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        let options = PutOptions(condition: .ifAbsent, contentType: "text/x-check", metadata: ["one": "1"])
        let upload = try await store.beginUpload(at: key("k"), options: options)
        let late = try await store.beginUpload(at: key("k"), options: options)
        _ = try await upload.complete([upload.upload(bytes("first"), as: 1)])
        let info = try await store.head(key("k"))
        #expect(info.metadata == (limits.losesMetadata ? [:] : ["one": "1"]))
        if !limits.losesContentType { #expect(info.contentType == "text/x-check") }
        let part = try await late.upload(bytes("second"), as: 1)
        if limits.ignoresConditions {
            _ = try await late.complete([part])
        } else {
            await expectError(.preconditionFailed) { try await late.complete([part]) }
            try await late.abort()
            #expect(try await store.text(at: key("k")) == "first")
        }
    }

    private static func writer(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        for size in [0, 1, partSize - 1, partSize, partSize + 1, 3 * partSize + 9] {
            let content = patternBytes(size)
            let info = try await store.upload(at: key("w/\(size)"), partSize: ByteCount(partSize)) { writer in
                for chunk in stride(from: 0, to: size, by: 1_300_001) {
                    try await writer.write(content.getSlice(at: chunk, length: min(1_300_001, size - chunk))!)
                }
                #expect(writer.written == Int64(size))
            }
            #expect(info.size == Int64(size))
            #expect(try await store.read(key("w/\(size)"), limit: .mebibytes(16)) == content)
        }
    }

    private static func failedWriter(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        for size in [10, 2 * partSize + 1] {
            await #expect(throws: CancellationError.self) {
                _ = try await store.upload(at: key("k"), partSize: ByteCount(partSize)) { writer in
                    try await writer.write(patternBytes(size))
                    throw CancellationError()
                }
            }
            #expect(try await store.allKeys() == [])
        }
    }

    private static func slice(_ content: ByteBuffer, _ number: Int) -> ByteBuffer {
        let start = (number - 1) * partSize
        return content.getSlice(at: start, length: min(partSize, content.readableBytes - start))!
    }
}
