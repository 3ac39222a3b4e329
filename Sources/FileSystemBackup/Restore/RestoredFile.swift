import CLinux
import Glibc

/// An open file whose content is being restored.
///
/// Large files are written past the page cache as far as whole pages go: the cache would copy them, and on virtual
/// machines a page that was not used before costs more than the disk does. What is left at both ends of a piece goes
/// through the cache; no page of it is ever written both ways. Source: man 2 open, "O_DIRECT".
struct RestoredFile: Sendable {
    let file: Descriptor
    /// The same file once more, for writing past the cache; nil where that gains nothing or cannot be done.
    private let direct: Descriptor?

    /// What place in memory, place in the file and length have to be multiples of.
    static let page = 4096
    /// Smaller files may as well stay in the cache, and shorter pieces gain nothing.
    private static let leastFile: UInt64 = 4 << 20
    private static let leastPiece = 128 << 10

    init(_ file: Descriptor) {
        self.file = file
        direct = nil
    }

    /// - Parameter size: what the file will have, in bytes.
    init(_ file: Descriptor, named name: [UInt8], in folder: Descriptor, inode: UInt64, size: UInt64) {
        self.file = file
        direct = RestoredFile.openDirectly(name, in: folder, inode: inode, size: size)
    }

    private static func openDirectly(
        _ name: [UInt8], in folder: Descriptor, inode: UInt64, size: UInt64
    ) -> Descriptor? {
        guard size >= leastFile else { return nil }
        do throws(SystemError) {
            let direct = try folder.open(name, flags: O_WRONLY | Int32(linux_O_DIRECT))
            return try direct.status().inode == inode ? direct : nil
        } catch {
            // A file system without such writes, or a file that was replaced: the other descriptor is right in any case.
            return nil
        }
    }

    /// Writes `bytes` at `offset`. Bytes that lie in memory as they will lie in the file, by their place in a page, go
    /// past the cache.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(SystemError) {
        let whole = wholePages(of: bytes, at: offset)
        guard let direct, whole.count >= RestoredFile.leastPiece,
            isWritten(UnsafeRawBufferPointer(rebasing: bytes[whole]), to: direct, at: offset + UInt64(whole.lowerBound))
        else {
            try file.write(bytes, at: Int64(offset))
            return
        }
        let (head, tail) = (bytes[..<whole.lowerBound], bytes[whole.upperBound...])
        if !head.isEmpty { try file.write(UnsafeRawBufferPointer(rebasing: head), at: Int64(offset)) }
        if !tail.isEmpty {
            try file.write(UnsafeRawBufferPointer(rebasing: tail), at: Int64(offset) + Int64(whole.upperBound))
        }
    }

    /// False if the file system refused: the same bytes then go the ordinary way, which also tells why.
    private func isWritten(_ bytes: UnsafeRawBufferPointer, to direct: Descriptor, at offset: UInt64) -> Bool {
        do throws(SystemError) {
            try direct.write(bytes, at: Int64(offset))
            return true
        } catch {
            return false
        }
    }

    /// What of `bytes` fills pages of the file and lies on pages of memory; empty if nothing does.
    private func wholePages(of bytes: UnsafeRawBufferPointer, at offset: UInt64) -> Range<Int> {
        let page = RestoredFile.page
        let start = (page - Int(offset % UInt64(page))) % page
        guard start < bytes.count, let base = bytes.baseAddress, Int(bitPattern: base + start) % page == 0 else {
            return 0..<0
        }
        return start..<(start + (bytes.count - start) / page * page)
    }
}
