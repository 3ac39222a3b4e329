import CLinux
import ResticFormat

/// The headers of an archive that every `tar` reads: ustar, with pax records for what does not fit. Pure.
/// Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended Header"; star(5) for attributes and ACLs.
struct TarHeader {
    static let block = 512

    /// The header blocks of one item, its pax records before them. Content follows, filled up to whole blocks.
    /// - Parameters:
    ///   - path: without a slash in front; folders get one at the end.
    ///   - hardLink: the path of an earlier entry that is the same file; then nothing follows.
    static func bytes(for node: Node, path: [UInt8], size: UInt64, hardLink: [UInt8]? = nil) -> [UInt8] {
        let name = node.kind == .directory ? path + [slash] : path
        let link = hardLink ?? (node.kind == .symlink ? node.linkTarget : [])
        let records = paxRecords(node, name, size, link)
        let main = header(
            name: name, type: hardLink == nil ? type(of: node) : UInt8(ascii: "1"), size: size, node: node, link: link)
        if records.isEmpty { return main }
        let pax = header(
            name: Array("PaxHeaders/".utf8) + Array(name.suffix(80)), type: UInt8(ascii: "x"),
            size: UInt64(records.count),
            node: nil, link: [])
        return pax + records + padding(after: UInt64(records.count)) + main
    }

    /// Zeros that fill the last block up.
    static func padding(after size: UInt64) -> [UInt8] {
        [UInt8](repeating: 0, count: (block - Int(size % UInt64(block))) % block)
    }

    /// Two empty blocks.
    static let end = [UInt8](repeating: 0, count: 2 * block)

    private static func type(of node: Node) -> UInt8 {
        switch node.kind {
        case .directory: UInt8(ascii: "5")
        case .symlink: UInt8(ascii: "2")
        case .characterDevice: UInt8(ascii: "3")
        case .blockDevice: UInt8(ascii: "4")
        case .fifo: UInt8(ascii: "6")
        default: UInt8(ascii: "0")
        }
    }

    // MARK: ustar

    private static func header(name: [UInt8], type: UInt8, size: UInt64, node: Node?, link: [UInt8]) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: block)
        func put(_ text: [UInt8], _ offset: Int, _ width: Int) {
            for (index, byte) in text.prefix(width).enumerated() { bytes[offset + index] = byte }
        }
        func put(_ number: UInt64, _ offset: Int, _ width: Int) {
            // One digit less than the field, and a zero byte. What does not fit is in a pax record.
            let digits = Array(String(number, radix: 8).utf8)
            let fitting = digits.count < width ? digits : []
            put([UInt8](repeating: UInt8(ascii: "0"), count: width - 1 - fitting.count) + fitting, offset, width)
        }
        put(name, 0, 100)
        put(UInt64(node?.mode.chmodBits ?? 0o644), 100, 8)
        put(UInt64(node?.userID ?? 0), 108, 8)
        put(UInt64(node?.groupID ?? 0), 116, 8)
        put(size, 124, 12)
        put(UInt64(max(0, node?.modified.seconds ?? 0)), 136, 12)
        bytes[156] = type
        put(link, 157, 100)
        put(Array("ustar\0".utf8) + Array("00".utf8), 257, 8)
        put(Array((node?.user ?? "").utf8), 265, 31)
        put(Array((node?.group ?? "").utf8), 297, 31)
        if let node, node.kind.isDevice {
            put(UInt64(linux_major(node.device)), 329, 8)
            put(UInt64(linux_minor(node.device)), 337, 8)
        }
        put([UInt8](repeating: UInt8(ascii: " "), count: 8), 148, 8)
        let sum = bytes.reduce(UInt64(0)) { $0 + UInt64($1) }
        put(sum, 148, 7)
        return bytes
    }

    // MARK: pax

    private static func paxRecords(
        _ node: Node, _ name: [UInt8], _ size: UInt64, _ link: [UInt8]
    ) -> [UInt8] {
        var records: [UInt8] = []
        func add(_ key: String, _ value: [UInt8]) { records += record(Array(key.utf8), value) }
        if name.count > 100 || !isPlain(name) { add("path", name) }
        if link.count > 100 || !isPlain(link) { add("linkpath", link) }
        if size > 0o77_777_777_777 { add("size", Array(String(size).utf8)) }
        if node.userID > 0o7_777_777 { add("uid", Array(String(node.userID).utf8)) }
        if node.groupID > 0o7_777_777 { add("gid", Array(String(node.groupID).utf8)) }
        if node.user.utf8.count > 31 { add("uname", Array(node.user.utf8)) }
        if node.group.utf8.count > 31 { add("gname", Array(node.group.utf8)) }
        let modified = node.modified
        if modified.nanoseconds != 0 || modified.seconds < 0 || modified.seconds > 0o77_777_777_777 {
            add("mtime", Array(time(modified).utf8))
        }
        for attribute in node.extendedAttributes {
            switch String(decoding: attribute.name, as: UTF8.self) {
            case "system.posix_acl_access":
                if let text = AccessControlText.text(of: attribute.value) { add("SCHILY.acl.access", Array(text.utf8)) }
            case "system.posix_acl_default":
                if let text = AccessControlText.text(of: attribute.value) {
                    add("SCHILY.acl.default", Array(text.utf8))
                }
            default: records += record(Array("SCHILY.xattr.".utf8) + attribute.name, attribute.value)
            }
        }
        return records
    }

    /// `LENGTH KEY=VALUE\n`, where the length counts its own digits.
    private static func record(_ key: [UInt8], _ value: [UInt8]) -> [UInt8] {
        let rest = key.count + value.count + 3
        var length = rest + String(rest).utf8.count
        if String(length).utf8.count > String(rest).utf8.count { length = rest + String(length).utf8.count }
        return Array("\(length) ".utf8) + key + [UInt8(ascii: "=")] + value + [UInt8(ascii: "\n")]
    }

    private static func isPlain(_ text: [UInt8]) -> Bool { text.allSatisfy { $0 < 0x80 } }

    private static func time(_ time: NodeTime) -> String {
        guard time.nanoseconds != 0 else { return String(time.seconds) }
        // Before 1970 the fraction counts backwards, as the decimal number does.
        let isNegative = time.seconds < 0
        let whole = isNegative ? -(time.seconds + 1) : time.seconds
        let nanoseconds = isNegative ? 1_000_000_000 - time.nanoseconds : time.nanoseconds
        let digits = String(nanoseconds)
        let fraction = String(repeating: "0", count: 9 - digits.utf8.count) + digits
        return "\(isNegative ? "-" : "")\(whole).\(fraction)"
    }
}

/// POSIX ACLs as text: `user::rw-,user:1000:r--,…`. Source: linux/posix_acl_xattr.h, man 5 acl.
enum AccessControlText {
    /// Nil for anything but a version 2 list.
    static func text(of value: [UInt8]) -> String? {
        guard value.count >= 4, (value.count - 4) % 8 == 0, value[0] == 2, value[1...3].allSatisfy({ $0 == 0 })
        else { return nil }
        var entries: [String] = []
        for start in stride(from: 4, to: value.count, by: 8) {
            let tag = Int(value[start]) | Int(value[start + 1]) << 8
            let permissions = value[start + 2]
            let id = (0..<4).reduce(UInt32(0)) { $0 | UInt32(value[start + 4 + $1]) << UInt32(8 * $1) }
            let subject: String
            switch tag {
            case 0x01: subject = "user:"
            case 0x02: subject = "user:\(id)"
            case 0x04: subject = "group:"
            case 0x08: subject = "group:\(id)"
            case 0x10: subject = "mask:"
            case 0x20: subject = "other:"
            default: return nil
            }
            let letters = "\(permissions & 4 != 0 ? "r" : "-")\(permissions & 2 != 0 ? "w" : "-")"
            entries.append("\(subject):\(letters)\(permissions & 1 != 0 ? "x" : "-")")
        }
        return entries.joined(separator: ",")
    }
}
