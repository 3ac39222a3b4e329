import Basics
internal import CZlib
import NIOCore
import ResticFormat

/// A zip archive that is written in one go: lengths and sums of files stand behind their content, and again in the list at the
/// end. Source: PKWARE's APPNOTE 6.3.10; Info-ZIP's extra field "UT" for times.
struct ZipArchive: ArchiveWriter {
    private struct Entry {
        let name: [UInt8]
        /// `st_mode`
        let mode: UInt32
        let time: UInt32
        let dosTime: UInt32
        let isLarge: Bool
        let offset: UInt64
        var isDeflated = false
        var sum: UInt32 = 0
        var stored: UInt64 = 0
        var plain: UInt64 = 0
    }

    /// From here on lengths have 64 bits: what does not shrink becomes a little longer.
    private static let largeSize: UInt64 = 0xF000_0000

    private var entries: [Entry] = []
    private var written: UInt64 = 0
    private var deflater: ZipDeflater?

    init() {}

    mutating func begin(_ node: Node, name: [UInt8]) -> ArchiveEntry? {
        guard [.file, .directory, .symlink].contains(node.kind) else { return nil }
        let seconds = node.modified.seconds
        var entry = Entry(
            name: node.kind == .directory ? name + [slash] : name, mode: node.mode.statMode,
            time: UInt32(clamping: seconds), dosTime: ZipArchive.dosTime(node.modified),
            isLarge: node.size >= ZipArchive.largeSize, offset: written)
        var bytes: [UInt8] = []
        if node.kind == .file {
            entry.isDeflated = true
            deflater = ZipDeflater()
        } else if node.kind == .symlink {
            // A link's content is its target.
            entry.sum = ZipDeflater.sum(of: node.linkTarget)
            entry.plain = UInt64(node.linkTarget.count)
            entry.stored = entry.plain
        }
        bytes = ZipArchive.localHeader(entry)
        if node.kind == .symlink { bytes += node.linkTarget }
        entries.append(entry)
        written += UInt64(bytes.count)
        return ArchiveEntry(bytes: bytes, takesContent: node.kind == .file)
    }

    mutating func content(_ bytes: ByteBuffer) -> ByteBuffer {
        guard let deflater else { return bytes }
        return counted(deflater.append(bytes))
    }

    mutating func endContent() -> [UInt8] {
        guard let deflater, let last = entries.indices.last else { return [] }
        var rest = Array(buffer: counted(deflater.finish()))
        entries[last].sum = deflater.sum
        entries[last].plain = deflater.plain
        self.deflater = nil
        let entry = entries[last]
        var descriptor = LittleEndianBytes()
        descriptor.add(UInt32(0x0807_4B50))
        descriptor.add(entry.sum)
        if entry.isLarge {
            descriptor.add(entry.stored)
            descriptor.add(entry.plain)
        } else {
            descriptor.add(UInt32(truncatingIfNeeded: entry.stored))
            descriptor.add(UInt32(truncatingIfNeeded: entry.plain))
        }
        written += UInt64(descriptor.bytes.count)
        rest += descriptor.bytes
        return rest
    }

    private mutating func counted(_ bytes: ByteBuffer) -> ByteBuffer {
        entries[entries.count - 1].stored += UInt64(bytes.readableBytes)
        written += UInt64(bytes.readableBytes)
        return bytes
    }

    // MARK: records

    private static func localHeader(_ entry: Entry) -> [UInt8] {
        var bytes = LittleEndianBytes()
        bytes.add(UInt32(0x0403_4B50))
        bytes.add(common(entry, hasSizes: !entry.isDeflated, needsLarge: entry.isLarge))
        var extra = timeField(entry)
        if entry.isLarge {
            extra.add(UInt16(0x0001))
            extra.add(UInt16(16))
            extra.add(UInt64(0))
            extra.add(UInt64(0))
        }
        bytes.add(UInt16(clamping: entry.name.count))
        bytes.add(UInt16(extra.bytes.count))
        bytes.bytes += entry.name + extra.bytes
        return bytes.bytes
    }

    /// From the needed version to the plain length.
    private static func common(_ entry: Entry, hasSizes: Bool, needsLarge: Bool) -> LittleEndianBytes {
        var bytes = LittleEndianBytes()
        bytes.add(UInt16(needsLarge ? 45 : 20))
        // Bit 3: lengths and sum follow the content. Bit 11: names are UTF-8.
        let isText = String(validating: entry.name, as: UTF8.self) != nil
        bytes.add(UInt16((entry.isDeflated ? 1 << 3 : 0) | (isText ? 1 << 11 : 0)))
        bytes.add(UInt16(entry.isDeflated ? 8 : 0))
        bytes.add(entry.dosTime)
        bytes.add(hasSizes ? entry.sum : 0)
        bytes.add(needsLarge ? UInt32.max : hasSizes ? UInt32(truncatingIfNeeded: entry.stored) : 0)
        bytes.add(needsLarge ? UInt32.max : hasSizes ? UInt32(truncatingIfNeeded: entry.plain) : 0)
        return bytes
    }

    private static func timeField(_ entry: Entry) -> LittleEndianBytes {
        var bytes = LittleEndianBytes()
        bytes.add(UInt16(0x5455))
        bytes.add(UInt16(5))
        bytes.bytes.append(1)
        bytes.add(entry.time)
        return bytes
    }

    private static func listEntry(_ entry: Entry) -> [UInt8] {
        let isFar = entry.offset >= UInt64(UInt32.max)
        var extra = timeField(entry)
        if entry.isLarge || isFar {
            extra.add(UInt16(0x0001))
            extra.add(UInt16((entry.isLarge ? 16 : 0) + (isFar ? 8 : 0)))
            if entry.isLarge {
                extra.add(entry.plain)
                extra.add(entry.stored)
            }
            if isFar { extra.add(entry.offset) }
        }
        var bytes = LittleEndianBytes()
        bytes.add(UInt32(0x0201_4B50))
        // Made on Unix: the mode is in the upper half of the attributes.
        bytes.add(UInt16(3 << 8 | 45))
        bytes.add(common(entry, hasSizes: true, needsLarge: entry.isLarge))
        bytes.add(UInt16(clamping: entry.name.count))
        bytes.add(UInt16(extra.bytes.count))
        for _ in 0..<3 { bytes.add(UInt16(0)) }
        bytes.add(entry.mode << 16 | (entry.name.last == slash ? 0x10 : 0))
        bytes.add(isFar ? UInt32.max : UInt32(entry.offset))
        bytes.bytes += entry.name + extra.bytes
        return bytes.bytes
    }

    mutating func end() -> [UInt8] {
        var bytes = LittleEndianBytes()
        for entry in entries { bytes.bytes += ZipArchive.listEntry(entry) }
        let length = UInt64(bytes.bytes.count)
        let count = UInt64(entries.count)
        if count >= UInt64(UInt16.max) || written >= UInt64(UInt32.max) || length >= UInt64(UInt32.max) {
            addLargeEnd(to: &bytes, length: length)
        }
        bytes.add(UInt32(0x0605_4B50))
        bytes.add(UInt32(0))
        bytes.add(UInt16(clamping: count))
        bytes.add(UInt16(clamping: count))
        bytes.add(UInt32(clamping: length))
        bytes.add(UInt32(clamping: written))
        bytes.add(UInt16(0))
        return bytes.bytes
    }

    private func addLargeEnd(to bytes: inout LittleEndianBytes, length: UInt64) {
        let place = written + length
        bytes.add(UInt32(0x0606_4B50))
        bytes.add(UInt64(44))
        bytes.add(UInt16(3 << 8 | 45))
        bytes.add(UInt16(45))
        bytes.add(UInt32(0))
        bytes.add(UInt32(0))
        bytes.add(UInt64(entries.count))
        bytes.add(UInt64(entries.count))
        bytes.add(length)
        bytes.add(written)
        bytes.add(UInt32(0x0706_4B50))
        bytes.add(UInt32(0))
        bytes.add(place)
        bytes.add(UInt32(1))
    }

    // MARK: values

    /// Date and time in steps of two seconds, from 1980 to 2107.
    private static func dosTime(_ time: NodeTime) -> UInt32 {
        let civil = CivilTime(Timestamp(seconds: min(max(0, time.seconds), Int64(UInt32.max))))
        guard civil.year >= 1980 else { return 1 << 21 | 1 << 16 }
        let date = UInt32(civil.year - 1980) << 9 | UInt32(civil.month) << 5 | UInt32(civil.day)
        let clock = UInt32(civil.hour) << 11 | UInt32(civil.minute) << 5 | UInt32(civil.second) / 2
        return date << 16 | clock
    }
}

/// Integers as zip has them.
struct LittleEndianBytes {
    var bytes: [UInt8] = []

    mutating func add(_ number: some FixedWidthInteger & UnsignedInteger) {
        for shift in stride(from: 0, to: number.bitWidth, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    mutating func add(_ other: LittleEndianBytes) { bytes += other.bytes }
}
