import CLinux
import Glibc

/// The names in a folder, read in bulk. Source: man 2 getdents.
struct FolderEntries {
    /// Large enough that a folder of some thousand names takes a few calls, small enough for a stack of open folders:
    /// the buffer lives only during the reading.
    private static let bufferSize = 64 << 10

    /// All names of `folder` but `.` and `..`, in the order of their bytes. Memory: the names.
    static func names(in folder: Descriptor) throws(SystemError) -> [[UInt8]] {
        var names = try unsortedNames(in: folder)
        names.sort(by: precedes)
        return names
    }

    static func unsortedNames(in folder: Descriptor) throws(SystemError) -> [[UInt8]] {
        var names: [[UInt8]] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferSize, alignment: 8)
        defer { buffer.deallocate() }
        _ = try systemCall { lseek(folder.raw, 0, SEEK_SET) }
        while true {  // Ends at the end of the folder or with an error.
            let count = try systemCall { linux_getdents64(folder.raw, buffer.baseAddress, buffer.count) }
            if count == 0 { return names }
            collect(UnsafeRawBufferPointer(rebasing: buffer[..<count]), into: &names)
        }
    }

    /// `struct linux_dirent64`: u64 inode, s64 offset, u16 length of the record, u8 kind, name with a zero byte behind.
    private static func collect(_ records: UnsafeRawBufferPointer, into names: inout [[UInt8]]) {
        var start = 0
        while start + 19 <= records.count {
            let length = Int(records.loadUnaligned(fromByteOffset: start + 16, as: UInt16.self))
            guard length >= 19, start + length <= records.count else { return }
            let field = UnsafeRawBufferPointer(rebasing: records[(start + 19)..<(start + length)])
            let name = field.prefix { $0 != 0 }
            let isDots = name.first == dot && (name.count == 1 || name.count == 2 && name[name.startIndex + 1] == dot)
            if !name.isEmpty && !isDots { names.append([UInt8](name)) }
            start += length
        }
    }
}

@inline(__always)
func compareBytes(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> Int32 {
    memcmp(left, right, count)
}
