import CLinux
import Glibc
import ResticFormat

/// The calls that list and read extended attributes, of an open file or of a name in an open folder. Almost every file
/// has none: one call then. Source: man 7 xattr.
struct AttributeReader {
    /// The kernel's limit of a list and of a value is 64 KiB.
    private static let largest = 64 << 10

    /// Of `name` in `folder`; of a symbolic link itself.
    static func attributes(of name: [UInt8], in folder: Descriptor) throws(SystemError) -> [ExtendedAttribute] {
        let raw = folder.raw
        return try withCName(name) { (name) throws(SystemError) in
            try read(
                list: { linux_listxattrat(raw, name, $0, $1) },
                value: { linux_getxattrat(raw, name, $0, $1, $2) })
        }
    }

    /// Of the open `file`.
    static func attributes(of file: Descriptor) throws(SystemError) -> [ExtendedAttribute] {
        let raw = file.raw
        return try read(list: { flistxattr(raw, $0, $1) }, value: { fgetxattr(raw, $0, $1, $2) })
    }

    /// Values that vanish between list and get are left out; a file system without attributes has none.
    private static func read(
        list: (UnsafeMutablePointer<CChar>?, Int) -> Int,
        value: (UnsafePointer<CChar>, UnsafeMutableRawPointer?, Int) -> Int
    ) throws(SystemError) -> [ExtendedAttribute] {
        guard let names = try names(list) else { return [] }
        var attributes: [ExtendedAttribute] = []
        for name in names.split(separator: 0) {
            if let bytes = try self.value(of: Array(name) + [0], value) {
                attributes.append(ExtendedAttribute(name: Array(name), value: bytes))
            }
        }
        return attributes
    }

    /// The names with a zero byte behind each; nil if there are none.
    private static func names(_ list: (UnsafeMutablePointer<CChar>?, Int) -> Int) throws(SystemError) -> [UInt8]? {
        let (first, length) = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
            let length = list(buffer.baseAddress, buffer.count)
            return (length > 0 ? buffer[..<length].map { UInt8(bitPattern: $0) } : [], length)
        }
        if length == 0 { return nil }
        if length > 0 { return first }
        let number = errno
        if number == ENOTSUP { return nil }
        guard number == ERANGE else { throw SystemError(number: number) }
        return try filled { list($0?.assumingMemoryBound(to: CChar.self), $1) }
    }

    private static func value(
        of name: [UInt8], _ get: (UnsafePointer<CChar>, UnsafeMutableRawPointer?, Int) -> Int
    ) throws(SystemError) -> [UInt8]? {
        do {
            return try filled { buffer, size in
                name.withUnsafeBytes { get($0.baseAddress!.assumingMemoryBound(to: CChar.self), buffer, size) }
            }
        } catch {
            // It was removed in between, or the file system listed what it does not give.
            if error.number == ENODATA || error.number == ENOTSUP { return nil }
            throw error
        }
    }

    private static func filled(_ call: (UnsafeMutableRawPointer?, Int) -> Int) throws(SystemError) -> [UInt8] {
        var length = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: largest) { buffer, count in
            length = call(buffer.baseAddress, buffer.count)
            count = max(0, length)
        }
        if length < 0 { throw .last }
        // Without the 64 KiB that the array was made with.
        return Array(bytes[...])
    }
}

extension Descriptor {
    /// Sets an attribute of this open file.
    func set(_ attribute: ExtendedAttribute) throws(SystemError) {
        let raw = raw
        _ = try withCName(attribute.name) { (key) throws(SystemError) in
            try systemCall { attribute.value.withUnsafeBytes { fsetxattr(raw, key, $0.baseAddress, $0.count, 0) } }
        }
    }

    func removeAttribute(_ key: [UInt8]) throws(SystemError) {
        let raw = raw
        _ = try withCName(key) { (key) throws(SystemError) in try systemCall { fremovexattr(raw, key) } }
    }

    /// Sets an attribute of `name` in this folder; of a symbolic link itself.
    func set(_ attribute: ExtendedAttribute, of name: [UInt8]) throws(SystemError) {
        let raw = raw
        _ = try withCName(name) { (name) throws(SystemError) in
            try withCName(attribute.name) { (key) throws(SystemError) in
                try systemCall {
                    attribute.value.withUnsafeBytes { linux_setxattrat(raw, name, key, $0.baseAddress, $0.count) }
                }
            }
        }
    }

    func removeAttribute(_ key: [UInt8], of name: [UInt8]) throws(SystemError) {
        let raw = raw
        _ = try withCName(name) { (name) throws(SystemError) in
            try withCName(key) { (key) throws(SystemError) in try systemCall { linux_removexattrat(raw, name, key) } }
        }
    }
}
