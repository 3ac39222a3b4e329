import Basics
import NIOCore
import ObjectStorage
import Testing

extension ObjectStoreCheck {
    static var concurrency: [ObjectStoreCheck] {
        [
            ObjectStoreCheck("of many ifAbsent writers one wins", oneWinner),
            ObjectStoreCheck("counting with ifMatch loses no step", counter),
            ObjectStoreCheck("readers see one whole write or another", wholeWrites),
            ObjectStoreCheck("writers and deleters of one prefix do not disturb each other", comeAndGo),
        ]
    }

    private static func oneWinner(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        guard !limits.ignoresConditions else { return }
        let winners = try await mapConcurrently(0..<16, limit: 8) { writer -> Int? in
            do {
                _ = try await store.put("writer \(writer)", at: key("lease"), .ifAbsent)
                return writer
            } catch let error as StoreError where error.code == .preconditionFailed {
                return nil
            }
        }.compactMap(\.self)
        #expect(winners.count == 1)
        #expect(try await store.text(at: key("lease")) == "writer \(winners.first ?? -1)")
    }

    private static func counter(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        guard !limits.ignoresConditions, !limits.losesRaces else { return }
        _ = try await store.put("0", at: key("counter"))
        try await forEachConcurrently(0..<4, limit: 4) { _ in
            var steps = 0
            while steps < 5 {
                let now = try await store.get(key("counter"), options: GetOptions())
                var text = ""
                for try await chunk in now.body { text += String(buffer: chunk) }
                do {
                    _ = try await store.put(
                        "\((Int(text) ?? 0) + 1)", at: key("counter"), .ifMatch(now.info.etag ?? ""))
                    steps += 1
                } catch let error as StoreError where error.code == .preconditionFailed {
                    continue
                }
            }
        }
        #expect(try await store.text(at: key("counter")) == "20")
    }

    private static func wholeWrites(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        guard !limits.losesRaces else { return }
        let contents = (0..<4).map { patternBytes(300_000 + $0, seed: UInt64($0)) }
        _ = try await store.put(contents[0], at: key("k"), options: PutOptions())
        try await forEachConcurrently(0..<40, limit: 8) { turn in
            if turn % 2 == 0 {
                _ = try await store.put(contents[turn / 2 % 4], at: key("k"), options: PutOptions())
            } else {
                let read = try await store.read(key("k"), limit: .mebibytes(1))
                #expect(contents.contains(read))
            }
        }
    }

    private static func comeAndGo(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        // Without them in the way of one another where the server removes a folder that is being written into.
        try await forEachConcurrently(0..<60, limit: limits.racesForFolders ? 1 : 8) { turn in
            let mine = key("deep/er/\(turn % 3)/\(turn)")
            _ = try await store.put("x", at: mine)
            #expect(try await store.text(at: mine) == "x")
            #expect(try await store.delete([mine]).isEmpty)
        }
        #expect(try await store.allKeys() == [])
    }
}
