/// A path of this machine: bytes as the kernel takes them, in no encoding.
package struct LocalPath: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringLiteral {
    package var bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }
    package init(_ text: String) { bytes = Array(text.utf8) }
    package init(stringLiteral text: String) { self.init(text) }

    package var isAbsolute: Bool { bytes.first == slash }

    /// The names between the slashes; empty ones are left out.
    package var names: [[UInt8]] { bytes.split(separator: slash).map(Array.init) }

    package func appending(_ name: [UInt8]) -> LocalPath {
        var path = bytes
        path.reserveCapacity(path.count + name.count + 1)
        if let last = path.last, last != slash { path.append(slash) }
        path.append(contentsOf: name)
        return LocalPath(bytes: path)
    }

    /// Without `.`, doubled slashes and the `..` that can be resolved by text alone; `.` if nothing is left.
    package var cleaned: LocalPath {
        var kept: [[UInt8]] = []
        for name in names where name != [dot] {
            if name == [dot, dot] {
                if let last = kept.last, last != [dot, dot] {
                    kept.removeLast()
                } else if !isAbsolute {
                    kept.append(name)
                }
            } else {
                kept.append(name)
            }
        }
        let joined = Array(kept.joined(separator: [slash]))
        if isAbsolute { return LocalPath(bytes: [slash] + joined) }
        return LocalPath(bytes: joined.isEmpty ? [dot] : joined)
    }

    /// This path, from `folder` on if it is relative; cleaned.
    package func absolute(from folder: LocalPath) -> LocalPath {
        isAbsolute ? cleaned : folder.appending(bytes).cleaned
    }

    /// For people, in one line: control characters are escaped, bytes that are no UTF-8 become U+FFFD.
    package var description: String {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else { return text }
        return text.unicodeScalars.reduce(into: "") { line, scalar in
            if scalar.value < 0x20 || scalar.value == 0x7f {
                line += "\\x\(scalar.value < 16 ? "0" : "")\(String(scalar.value, radix: 16))"
            } else {
                line.unicodeScalars.append(scalar)
            }
        }
    }
}

let slash = UInt8(ascii: "/")
let dot = UInt8(ascii: ".")

/// Whether `left` comes before `right` when bytes are compared, which is the order of names in a tree.
func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    let shared = min(left.count, right.count)
    let order = left.withUnsafeBytes { left in
        right.withUnsafeBytes { right in
            shared == 0 ? 0 : compareBytes(left.baseAddress!, right.baseAddress!, shared)
        }
    }
    return order == 0 ? left.count < right.count : order < 0
}
