import Basics
import MartletTestSupport
import NIOCore
import ObjectStorage
import Testing

@Suite struct `An upload of unknown length` {
    private let base = InMemoryObjectStore(minimumPartSize: ByteCount(1))
    private let key = ObjectKey("k")!

    @Test(arguments: [0, 1, 99, 100, 101, 199, 200, 201, 1000])
    func `keeps every byte, whatever the pieces`(size: Int) async throws {
        let content = patternBytes(size)
        for piece in [1, 7, 100, 350, 1000] {
            let metered = MeteredStore(base)
            let info = try await metered.upload(at: key, partSize: ByteCount(100), concurrency: 3) { writer in
                for start in stride(from: 0, to: size, by: piece) {
                    try await writer.write(content.getSlice(at: start, length: min(piece, size - start))!)
                }
            }
            #expect(info.size == Int64(size))
            #expect(try await base.read(key, limit: .kibibytes(1)) == content)
            // One put up to a part; parts of the full size beyond.
            #expect(metered.use.calls[.put] == (size <= 100 ? 1 : nil))
            #expect(metered.use.calls[.uploadPart] == (size <= 100 ? nil : (size + 99) / 100))
        }
        #expect(base.openUploads == 0)
    }

    @Test(arguments: [
        FaultyStore.Fault(.beginUpload, nth: 1, .fail(.forbidden)), .init(.uploadPart, nth: 1, .fail(.forbidden)),
        .init(.uploadPart, nth: 7, .fail(.forbidden)), .init(.complete, nth: 1, .fail(.forbidden)),
    ])
    func `reports the store's error and leaves nothing`(fault: FaultyStore.Fault) async throws {
        let faulty = FaultyStore(base, faults: [fault])
        let error = await #expect(throws: StoreError.self) {
            try await faulty.upload(at: key, partSize: ByteCount(100)) { try await $0.write(patternBytes(5000)) }
        }
        #expect(error?.code == .forbidden)
        #expect(faulty.unmet.isEmpty && base.openUploads == 0)
        #expect(try await base.contains(key) == false)
    }

    @Test func `of more than 10,000 parts is refused`() async throws {
        let error = await #expect(throws: StoreError.self) {
            try await base.upload(at: key, partSize: ByteCount(1)) { try await $0.write(patternBytes(10_002)) }
        }
        #expect(error?.code == .limitExceeded)
        #expect(base.openUploads == 0)
    }

    @Test func `is aborted when its task is cancelled`() async throws {
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                _ = try await base.upload(at: key, partSize: ByteCount(10)) { writer in
                    try await writer.write(patternBytes(55))
                    withUnsafeCurrentTask { $0?.cancel() }
                    try Task.checkCancellation()
                }
            }
            await #expect(throws: CancellationError.self) { try await group.next() }
        }
        #expect(base.openUploads == 0)
    }

    @Test func `has no more parts on their way than it was told`() async throws {
        let counting = InFlightStore(base)
        _ = try await counting.upload(at: key, partSize: ByteCount(10), concurrency: 3) {
            try await $0.write(patternBytes(500))
        }
        #expect((1...3).contains(counting.most))
    }
}
