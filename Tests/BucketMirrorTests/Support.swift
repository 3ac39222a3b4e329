import Basics
import BucketMirror
import MartletTestSupport
import NIOCore
import ObjectStorage
import Synchronization

/// A key from a literal that is known to be one.
func key(_ text: String) -> ObjectKey { ObjectKey(text)! }

func bytes(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

/// A wall clock that tests move.
final class MovableClock: Sendable {
    private let time: Mutex<Timestamp>

    init(_ text: String = "2026-03-01T00:00:00Z") { time = Mutex(Timestamp(text)!) }

    var now: Timestamp { time.withLock { $0 } }
    var clock: WallClock { WallClock { self.now } }

    func advance(_ duration: Duration) { time.withLock { $0 = $0 + duration } }
}

/// A bucket whose tags are MD5 sums, as S3 makes them; parts may be small.
func makeBucket(
    _ name: String = "bucket", clock: MovableClock = MovableClock(), versioning: BucketVersioning = .never,
    lock: BucketLock? = nil
) -> InMemoryObjectStore {
    InMemoryObjectStore(
        location: "memory:\(name)", clock: clock.clock, minimumPartSize: ByteCount(1), versioning: versioning,
        lock: lock, digest: MD5Sum.of)
}

func makeTools(
    _ clock: MovableClock = MovableClock(), observer: any MirrorObserver = NoMirrorObserver()
) -> MirrorTools {
    MirrorTools(
        clock: SkippingClock(), wallClock: clock.clock, random: SeededGenerator(seed: 7), observer: observer)
}

/// Everything that happened, in order.
final class EventRecorder: MirrorObserver {
    private let state = Mutex<[MirrorEvent]>([])

    var events: [MirrorEvent] { state.withLock { $0 } }

    func observe(_ event: MirrorEvent) { state.withLock { $0.append(event) } }
}

extension ObjectStore {
    /// All objects with their bytes, what is the mirror's own left out.
    func contents() async throws -> [String: ByteBuffer] {
        var all: [String: ByteBuffer] = [:]
        for try await object in objects() where !object.key.text.hasPrefix(MirrorLayout.reserved) {
            all[object.key.text] = try await read(object.key, limit: .mebibytes(64))
        }
        return all
    }

    @discardableResult
    func put(_ text: String, at name: String, _ options: PutOptions = PutOptions()) async throws -> ObjectInfo {
        try await put(bytes(text), at: key(name), options: options)
    }

    func text(_ name: String) async throws -> String {
        String(buffer: try await read(key(name), limit: .mebibytes(1)))
    }

    func fill(_ count: Int, seed: UInt64 = 1, prefix: String = "objects/") async throws {
        for number in 0..<count {
            let content = patternBytes(1 + number % 300, seed: seed &+ UInt64(number))
            _ = try await put(content, at: key("\(prefix)\(padded(number, 6))"), options: PutOptions())
        }
    }
}

/// One pass, with everything that is usual in tests.
func mirror(
    _ source: any ObjectStore, _ target: any ObjectStore, index: MirrorIndex? = nil,
    tools: MirrorTools = makeTools(), _ change: (inout MirrorOptions) -> Void = { _ in }
) async throws -> MirrorReport {
    try await MirrorRun(
        source: MirrorEndpoint(store: source, name: "source"), target: MirrorEndpoint(store: target, name: "target"),
        options: MirrorOptions(change), tools: tools, index: index
    ).run()
}

func makeIndex(_ path: String? = nil) throws -> MirrorIndex { try MirrorIndex(path: path, pair: "source target") }
