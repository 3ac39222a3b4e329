import Basics
import MartletTestSupport
import NIOCore
import ObjectStorage
import Testing

@Suite struct `Retries` {
    private let base = InMemoryObjectStore(minimumPartSize: ByteCount(1))
    private let clock = SkippingClock()
    private let key = ObjectKey("k")!

    private func retrying(
        _ faulty: FaultyStore, policy: StoreRetryPolicy = StoreRetryPolicy()
    ) -> RetryingStore {
        RetryingStore(faulty, policy: policy, clock: clock, random: SeededGenerator(seed: 3))
    }

    private func faulty(_ call: FaultyStore.Call, _ effects: FaultyStore.Effect...) -> FaultyStore {
        FaultyStore(
            base, faults: effects.enumerated().map { FaultyStore.Fault(call, nth: $0.offset + 1, $0.element) })
    }

    @Test func `repeat what failed for a while`() async throws {
        let faulty = faulty(.put, .fail(.unavailable), .fail(.throttled), .loseAnswer)
        _ = try await retrying(faulty).put(ByteBuffer(string: "x"), at: key, options: PutOptions())
        #expect(faulty.unmet.isEmpty && faulty.count(.put) == 4)
        #expect(clock.pauses.count == 3)
        #expect(clock.pauses.allSatisfy { $0 >= .milliseconds(50) && $0 <= .milliseconds(400) })
    }

    @Test(arguments: StoreError.Code.allCases.filter { $0 != .throttled && $0 != .unavailable })
    func `do not repeat what will fail again`(code: StoreError.Code) async throws {
        let faulty = faulty(.head, .fail(code))
        let error = await #expect(throws: StoreError.self) { try await retrying(faulty).head(key) }
        #expect(error?.code == code && faulty.count(.head) == 1 && clock.pauses.isEmpty)
    }

    @Test func `obey the store's wish for a pause`() async throws {
        let faulty = faulty(.list, .fail(.throttled, retryAfter: .seconds(7)))
        _ = try await retrying(faulty).list(ListRequest())
        #expect(clock.pauses == [.seconds(7)])
    }

    @Test func `end at once if the wish goes beyond the deadline`() async throws {
        let faulty = faulty(.list, .fail(.throttled, retryAfter: .seconds(700)))
        await #expect(throws: StoreError.self) { try await retrying(faulty).list(ListRequest()) }
        #expect(clock.pauses.isEmpty && faulty.count(.list) == 1)
    }

    @Test func `end after ten tries, and say so`() async throws {
        let faulty = FaultyStore(base, faults: (1...20).map { .init(.head, nth: $0, .fail(.unavailable)) })
        let error = await #expect(throws: StoreError.self) { try await retrying(faulty).head(key) }
        #expect(faulty.count(.head) == 10)
        #expect(error?.message.contains("tried 10 times") == true)
    }

    @Test func `end at the deadline`() async throws {
        let faulty = FaultyStore(base, faults: (1...20).map { .init(.head, nth: $0, .fail(.unavailable)) })
        var policy = StoreRetryPolicy()
        policy.backoff = Backoff(first: .seconds(40), ceiling: .seconds(40))
        await #expect(throws: StoreError.self) { try await retrying(faulty, policy: policy).head(key) }
        #expect(clock.pauses.reduce(.zero, +) <= .seconds(120))
        #expect((3...7).contains(faulty.count(.head)))
    }

    @Test func `take their own lost conditional write for success`() async throws {
        let faulty = faulty(.put, .loseAnswer)
        let options = PutOptions(condition: .ifAbsent)
        let info = try await retrying(faulty).put(ByteBuffer(string: "mine"), at: key, options: options)
        #expect(info.size == 4 && faulty.count(.put) == 2)
    }

    @Test func `do not take another's write for their own`() async throws {
        _ = try await base.put(ByteBuffer(string: "other"), at: key, options: PutOptions())
        let faulty = faulty(.put, .fail(.unavailable))
        let options = PutOptions(condition: .ifAbsent)
        let error = await #expect(throws: StoreError.self) {
            try await retrying(faulty).put(ByteBuffer(string: "mine!"), at: key, options: options)
        }
        #expect(error?.code == .preconditionFailed)
    }

    @Test func `an equal object that was there before is no success`() async throws {
        _ = try await base.put(ByteBuffer(string: "mine"), at: key, options: PutOptions())
        let options = PutOptions(condition: .ifAbsent)
        let error = await #expect(throws: StoreError.self) {
            try await retrying(faulty(.put)).put(ByteBuffer(string: "mine"), at: key, options: options)
        }
        #expect(error?.code == .preconditionFailed)
    }

    @Test(arguments: [0, 1, 65_535, 65_536, 150_000])
    func `continue a body where it broke`(place: Int) async throws {
        let content = patternBytes(200_000)
        _ = try await base.put(content, at: key, options: PutOptions())
        let faulty = faulty(.get, .breakBody(after: place), .fail(.unavailable), .breakBody(after: 10_000))
        #expect(try await retrying(faulty).read(key, limit: .mebibytes(1)) == content)
        #expect(faulty.unmet.isEmpty)
    }

    @Test func `continue a body within the range that was asked for`() async throws {
        let content = patternBytes(200_000)
        _ = try await base.put(content, at: key, options: PutOptions())
        let faulty = faulty(.get, .breakBody(after: 70_000), .breakBody(after: 1))
        let options = GetOptions(range: 1000..<150_000)
        #expect(
            try await retrying(faulty).read(key, limit: .mebibytes(1), options: options)
                == content.getSlice(at: 1000, length: 149_000))
    }

    @Test func `do not continue into another version`() async throws {
        _ = try await base.put(patternBytes(200_000, seed: 1), at: key, options: PutOptions())
        let object = try await retrying(faulty(.get, .breakBody(after: 100_000))).get(key, options: GetOptions())
        _ = try await base.put(patternBytes(200_000, seed: 2), at: key, options: PutOptions())
        let error = await #expect(throws: StoreError.self) { for try await _ in object.body {} }
        #expect(error?.code == .preconditionFailed)
    }

    @Test func `give a body up that breaks again and again`() async throws {
        _ = try await base.put(patternBytes(100), at: key, options: PutOptions())
        let faulty = FaultyStore(base, faults: (1...20).map { .init(.get, nth: $0, .breakBody(after: 1)) })
        let error = await #expect(throws: StoreError.self) {
            try await retrying(faulty).read(key, limit: .kibibytes(1))
        }
        #expect(error?.code == .unavailable && faulty.count(.get) == 6)
    }

    @Test func `carry an upload through`() async throws {
        let faulty = FaultyStore(
            base,
            faults: [
                .init(.beginUpload, nth: 1, .fail(.unavailable)), .init(.uploadPart, nth: 2, .loseAnswer),
                .init(.uploadPart, nth: 4, .fail(.throttled)), .init(.complete, nth: 1, .fail(.unavailable)),
            ])
        let content = patternBytes(5000)
        let info = try await retrying(faulty).upload(at: key, partSize: .kibibytes(1)) { try await $0.write(content) }
        #expect(info.size == 5000)
        #expect(try await base.read(key, limit: .mebibytes(1)) == content)
        #expect(faulty.unmet.isEmpty)
    }

    @Test func `repeat the deletions that failed for a while`() async throws {
        _ = try await base.put(ByteBuffer(string: "x"), at: key, options: PutOptions())
        #expect(try await retrying(faulty(.delete, .fail(.throttled), .loseAnswer)).delete([key]).isEmpty)
    }

    @Test func `stop when the task is cancelled`() async throws {
        let faulty = FaultyStore(base, faults: (1...20).map { .init(.head, nth: $0, .fail(.unavailable)) })
        let store = retrying(faulty)
        let error = await withTaskGroup(of: StoreError?.self) { group in
            group.addTask {
                withUnsafeCurrentTask { $0?.cancel() }
                do throws(StoreError) {
                    _ = try await store.head(key)
                    return nil
                } catch {
                    return error
                }
            }
            return await group.next() ?? nil
        }
        #expect(error?.code == .cancelled)
    }
}
