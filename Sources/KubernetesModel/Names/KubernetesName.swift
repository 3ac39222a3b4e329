/// What may be the name of an object. Source: Kubernetes documentation, "Object Names and IDs".
package enum KubernetesName {
    /// RFC 1123 label: at most 63 characters of `a-z`, `0-9`, `-`, with a letter or digit at both ends. Names of
    /// namespaces are such labels.
    package static func isLabel(_ text: some StringProtocol) -> Bool {
        isLabel(text.utf8)
    }

    /// RFC 1123 subdomain: labels joined by dots, at most 253 characters. Names of most objects are such.
    package static func isSubdomain(_ text: some StringProtocol) -> Bool {
        guard !text.isEmpty, text.utf8.count <= 253 else { return false }
        return text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy {
            isLabelPart($0)
        }
    }

    /// What every kind of object demands of a name, RBAC kinds with their `system:node:x` included: it can be a segment
    /// of a URL path. Control characters are refused too: no server accepts them, and they would forge lines of a log.
    package static func isPathSegment(_ text: some StringProtocol) -> Bool {
        guard !text.isEmpty, text.utf8.count <= 253, text != ".", text != ".." else { return false }
        return text.utf8.allSatisfy {
            $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "%")
        }
    }

    private static func isLabel(_ text: some Collection<UInt8>) -> Bool {
        text.count <= 63 && isLabelPart(text)
    }

    private static func isLabelPart(_ text: some Collection<UInt8>) -> Bool {
        guard let first = text.first, first != UInt8(ascii: "-") else { return false }
        var last = first
        for byte in text {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                last = byte
            default: return false
            }
        }
        return last != UInt8(ascii: "-")
    }
}
