import Basics
import MartletTestSupport
import ResticFormat
import ResticRepository
import Testing

@Suite struct `Which packs a check reads` {
    private func packs(_ count: Int) -> [ListedPack] {
        var random = SeededGenerator(seed: 3)
        return (0..<count).map { _ in ListedPack(id: ResticID(using: &random), size: 1000) }.sorted { $0.id < $1.id }
    }

    @Test func `words for it`() {
        #expect(ReadSubset("2/7") == .part(2, of: 7))
        #expect(ReadSubset("2.5%") == .percent(2.5))
        #expect(ReadSubset("50M") == .bytes(50 << 20))
        #expect(ReadSubset("1000") == .bytes(1000))
        for text in ["", "0/7", "8/7", "1/257", "a/b", "0%", "101%", "-5", "5X", "1/2/3", "M"] {
            #expect(ReadSubset(text) == nil, "\(text)")
        }
    }

    @Test(arguments: [1, 2, 7, 256])
    func `the parts together are everything, each once`(count: Int) {
        var random = SeededGenerator(seed: 1)
        let all = packs(500)
        var seen: [ListedPack] = []
        for part in 1...count { seen += ReadSubset.part(part, of: count).choose(all, using: &random) }
        #expect(seen.sorted { $0.id < $1.id } == all)
    }

    @Test func `a share is drawn, at least one`() {
        var random = SeededGenerator(seed: 1)
        let all = packs(200)
        #expect(ReadSubset.percent(10).choose(all, using: &random).count == 20)
        #expect(ReadSubset.percent(0.001).choose(all, using: &random).count == 1)
        #expect(ReadSubset.percent(100).choose(all, using: &random) == all)
        #expect(ReadSubset.bytes(50_000).choose(all, using: &random).count == 50)
        #expect(ReadSubset.bytes(1 << 40).choose(all, using: &random) == all)
        #expect(ReadSubset.none.choose(all, using: &random).isEmpty)
        let (first, second) = (
            ReadSubset.percent(10).choose(all, using: &random), ReadSubset.percent(10).choose(all, using: &random)
        )
        #expect(first != second)
    }
}
