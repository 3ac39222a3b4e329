import Basics
import NIOCore
import ObjectStorage

/// Cuts MinIO's stream of events into lines and reads them. A value without I/O.
///
/// Each line is `{"Records":[…]}`. A sign of life is `{"Records":null}`, or from servers before 2023 a blank without an end of
/// line, for days: blanks before a line are dropped as they come. Bound: what is kept of a line is at most `longestLine`; a
/// longer one is passed over and counts as lost. Source: MinIO's documentation, "ListenBucketNotification", and its wire.
struct ListenLines {
    /// An event is about 1 KiB, with metadata up to 10 KiB.
    static let longestLine = 1 << 20

    /// Events of other buckets come from servers before 2021, and are passed over.
    private let reader: EventRecords
    private var line: [UInt8] = []
    private var isPassingOver = false

    init(bucket: String, prefix: String) {
        reader = EventRecords(bucket: bucket, prefix: prefix)
    }

    /// What `bytes` completes.
    mutating func feed(_ bytes: ByteBuffer) -> BucketEventBatch {
        var batch = BucketEventBatch()
        var rest = bytes.readableBytesView[...]
        while !rest.isEmpty {
            let end = rest.firstIndex(of: 0x0A)
            append(rest[..<(end ?? rest.endIndex)], &batch)
            guard let end else { break }
            rest = rest[(end + 1)...]
            finishLine(&batch)
        }
        return batch
    }

    private mutating func append(_ part: ByteBufferView.SubSequence, _ batch: inout BucketEventBatch) {
        guard !isPassingOver else { return }
        let kept = line.isEmpty ? part.drop { $0 == 0x20 || $0 == 0x0D } : part
        guard line.count + kept.count <= ListenLines.longestLine else {
            line = []
            isPassingOver = true
            batch.lostSome = true
            return
        }
        line += kept
    }

    private mutating func finishLine(_ batch: inout BucketEventBatch) {
        defer {
            line.removeAll(keepingCapacity: line.count < 64 << 10)
            isPassingOver = false
        }
        guard !line.isEmpty, !isPassingOver else { return }
        guard let value = try? JSONReader.read(line[...]), let records = value["Records"] else {
            batch.lostSome = true
            return
        }
        guard case .array(let records) = records else { return }
        for record in records { reader.read(record, keys: .plain, &batch) }
    }
}
