import Basics
import NIOCore
import ObjectStorage
import Testing

extension ObjectStoreCheck {
    static var ranges: [ObjectStoreCheck] {
        [
            ObjectStoreCheck("every small range is exact", smallRanges),
            ObjectStoreCheck("a range outside is invalid, one beyond the end is cut", outside),
            ObjectStoreCheck("a range in the middle of 3 MiB is exact", largeRange),
        ]
    }

    private static func smallRanges(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        let text = "01234567"
        _ = try await store.put(text, at: key("k"))
        for lower in 0..<8 {
            for upper in lower + 1...8 {
                let part = try await store.get(key("k"), options: GetOptions(range: Int64(lower)..<Int64(upper)))
                #expect(part.info.size == 8)
                var found = ""
                for try await chunk in part.body { found += String(buffer: chunk) }
                #expect(found == String(text.dropFirst(lower).prefix(upper - lower)))
            }
        }
    }

    private static func outside(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        _ = try await store.put("01234567", at: key("k"))
        let cut = try await store.read(key("k"), limit: .kibibytes(1), options: GetOptions(range: 6..<100))
        #expect(cut == bytes("67"))
        await expectError(.invalid) { try await store.get(key("k"), options: GetOptions(range: 8..<9)) }
        await expectError(.invalid) { try await store.get(key("k"), options: GetOptions(range: 3..<3)) }
        _ = try await store.put("", at: key("empty"))
        await expectError(.invalid) { try await store.get(key("empty"), options: GetOptions(range: 0..<1)) }
    }

    private static func largeRange(_ store: any ObjectStore, _ limits: StoreLimits) async throws {
        let content = patternBytes(3 << 20)
        _ = try await store.put(content, at: key("k"), options: PutOptions())
        let range = 1_000_003..<2_500_001
        let part = try await store.read(
            key("k"), limit: .mebibytes(2),
            options: GetOptions(range: Int64(range.lowerBound)..<Int64(range.upperBound)))
        #expect(part == content.getSlice(at: range.lowerBound, length: range.count))
    }
}
