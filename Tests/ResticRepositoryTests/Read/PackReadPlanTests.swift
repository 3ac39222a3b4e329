import Basics
import MartletTestSupport
import ResticFormat
import ResticRepository
import Testing

@Suite struct `Requests for many blobs` {
    private func blob(_ number: UInt64, at offset: Int, _ length: Int) -> PackedBlob {
        PackedBlob(
            BlobHandle(.data, ResticID(number, 0, 0, 0)), offset: UInt32(offset), sealedLength: UInt32(length))
    }

    private let first = ResticID(1, 1, 1, 1)
    private let second = ResticID(2, 2, 2, 2)

    @Test func `neighbours come together, whatever their order`() {
        let wanted = [blob(3, at: 300, 50), blob(1, at: 0, 100), blob(2, at: 100, 100), blob(1, at: 0, 100)]
        let reads = PackReadPlan.plan(wanted.map { (pack: first, blob: $0) })
        #expect(reads.count == 1)
        #expect(reads[0].blobs == [wanted[1], wanted[2], wanted[0]])
        #expect(reads[0].range == 0..<350)
    }

    @Test func `a wide gap is not read`() {
        let near = blob(2, at: 100 + PackReadPlan.widestGap, 100)
        let far = blob(2, at: 101 + PackReadPlan.widestGap, 100)
        #expect(PackReadPlan.plan([(pack: first, blob: blob(1, at: 0, 100)), (pack: first, blob: near)]).count == 1)
        #expect(PackReadPlan.plan([(pack: first, blob: blob(1, at: 0, 100)), (pack: first, blob: far)]).count == 2)
    }

    @Test func `packs come in the order in which they are first wanted`() {
        let reads = PackReadPlan.plan([
            (pack: second, blob: blob(1, at: 0, 10)), (pack: first, blob: blob(2, at: 0, 10)),
            (pack: second, blob: blob(3, at: 10, 10)),
        ])
        #expect(reads.map(\.pack) == [second, first])
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func `everything wanted is fetched, in requests that are not too long`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var wanted: [(pack: ResticID, blob: PackedBlob)] = []
        for pack in [first, second] {
            var offset = 0
            for number in 0..<UInt64.random(in: 0...60, using: &random) {
                let length = Int.random(in: 32...4 << 20, using: &random)
                if Bool.random(using: &random) { wanted.append((pack, blob(number, at: offset, length))) }
                offset += length
            }
        }
        let reads = PackReadPlan.plan(wanted.shuffled(using: &random))
        #expect(
            reads.flatMap { read in read.blobs.map { "\(read.pack) \($0)" } }.sorted()
                == wanted.map { "\($0.pack) \($0.blob)" }.sorted())
        for read in reads {
            #expect(read.range.count <= PackReadPlan.longestRequest || read.blobs.count == 1)
            #expect(zip(read.blobs, read.blobs.dropFirst()).allSatisfy { $0.offset < $1.offset })
        }
    }
}
