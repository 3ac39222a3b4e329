import Basics
package import NIOCore
import ObjectStorage
import Testing

/// A key from a literal that is known to be one.
func key(_ text: String) -> ObjectKey { ObjectKey(text)! }

func bytes(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

/// `count` bytes that differ from place to place and from seed to seed.
package func patternBytes(_ count: Int, seed: UInt64 = 1) -> ByteBuffer {
    var random = SeededGenerator(seed: seed)
    var buffer = ByteBuffer()
    buffer.reserveCapacity(count + 8)
    while buffer.readableBytes < count { buffer.writeInteger(random.next()) }
    return buffer.getSlice(at: 0, length: count) ?? ByteBuffer()
}

extension ObjectStore {
    func text(at key: ObjectKey) async throws -> String {
        String(buffer: try await read(key, limit: .mebibytes(1)))
    }

    func put(_ text: String, at key: ObjectKey, _ condition: PutCondition = .none) async throws -> ObjectInfo {
        try await put(bytes(text), at: key, options: PutOptions(condition: condition))
    }

    func allKeys(prefix: String = "", pageSize: Int = 1000) async throws -> [String] {
        var keys: [String] = []
        for try await object in objects(prefix: prefix, pageSize: pageSize) { keys.append(object.key.text) }
        return keys
    }
}

/// Runs `body` and expects a `StoreError` with one of `codes`.
func expectError<Result>(
    _ codes: StoreError.Code..., sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Result
) async {
    do {
        _ = try await body()
        Issue.record("expected an error \(codes)", sourceLocation: sourceLocation)
    } catch let error as StoreError {
        #expect(codes.contains(error.code), "\(error.code): \(error)", sourceLocation: sourceLocation)
        #expect(!error.message.contains("\n"), sourceLocation: sourceLocation)
    } catch {
        Issue.record(error, sourceLocation: sourceLocation)
    }
}
