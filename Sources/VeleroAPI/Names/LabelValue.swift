internal import Basics
internal import Crypto

/// Names as values of labels.
package enum LabelValue {
    /// `name` if it has at most 63 bytes, otherwise its first 57 and the first 6 hexadecimal digits of its SHA-256. The
    /// `velero` command selects by the same rule. Source: Velero 1.18, `label.GetValidName`.
    package static func shortened(_ name: String) -> String {
        guard name.utf8.count > 63 else { return name }
        let digest = Hex.encode(Array(SHA256.hash(data: Array(name.utf8))))
        return String(decoding: name.utf8.prefix(57), as: UTF8.self) + digest.prefix(6)
    }
}
