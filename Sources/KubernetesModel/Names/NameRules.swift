/// What the API server accepts as names, labels and annotations. Each function returns nil if the text is fine, else
/// the reason in the words of the API server, so that both sound the same.
///
/// Source: Kubernetes documentation, "Object names and IDs", "Labels and selectors".
package enum NameRules {
    /// Most names: lower-case letters, digits, `-` and `.`, at most 253 characters.
    package static func subdomain(_ name: String) -> String? {
        guard name.utf8.count <= 253 else { return tooLong(253) }
        let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.allSatisfy({ isLabel($0) }) else {
            return "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
                + "and must start and end with an alphanumeric character (e.g. 'example.com', regex used for "
                + "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
        }
        return nil
    }

    /// Namespaces, containers, ports' hosts: lower-case letters, digits and `-`, at most 63 characters.
    package static func label(_ name: String) -> String? {
        guard name.utf8.count <= 63 else { return tooLong(63) }
        guard isLabel(Substring(name).utf8) else {
            return "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must "
                + "start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for "
                + "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
        }
        return nil
    }

    /// Services: a label that starts with a letter.
    package static func dns1035Label(_ name: String) -> String? {
        guard name.utf8.count <= 63 else { return tooLong(63) }
        guard isLabel(Substring(name).utf8), let first = name.utf8.first, !isDigit(first) else {
            return "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
                + "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', "
                + "regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
        }
        return nil
    }

    /// What can stand in a URL as one segment; roles and bindings are named so: `system:node`.
    package static func pathSegment(_ name: String) -> String? {
        if name == "." { return "may not be '.'" }
        if name == ".." { return "may not be '..'" }
        if name.utf8.contains(UInt8(ascii: "/")) { return "may not contain '/'" }
        if name.utf8.contains(UInt8(ascii: "%")) { return "may not contain '%'" }
        return name.isEmpty ? "name may not be empty" : nil
    }

    package static func namespace(_ name: String) -> String? { label(name) }

    /// The key of a label, an annotation or a taint: `app`, `app.kubernetes.io/name`.
    package static func qualifiedName(_ key: String) -> String? {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        switch parts.count {
        case 1: return plainKey(parts[0])
        case 2:
            if parts[0].isEmpty { return "prefix part must be non-empty" }
            if let reason = subdomain(String(parts[0])) { return "prefix part " + reason }
            return plainKey(parts[1])
        default:
            return "a qualified name " + keyShape
                + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        }
    }

    /// The value of a label: empty, or at most 63 letters, digits, `-`, `_` and `.`.
    package static func labelValue(_ value: String) -> String? {
        guard value.utf8.count <= 63 else { return tooLong(63) }
        guard value.isEmpty || isKey(Substring(value).utf8) else {
            return "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
                + "and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
                + "'12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
        }
        return nil
    }

    /// A key in a ConfigMap or Secret: letters, digits, `-`, `_` and `.`.
    package static func configKey(_ key: String) -> String? {
        guard key.utf8.count <= 253 else { return tooLong(253) }
        let isPlain = !key.isEmpty && key.utf8.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
        guard isPlain else {
            return "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  "
                + "or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
        }
        if key == "." { return "must not be '.'" }
        if key == ".." { return "must not be '..'" }
        if key.hasPrefix("..") { return "must not start with '..'" }
        return nil
    }

    private static let keyShape =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
        + "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
        + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

    private static func plainKey(_ name: Substring) -> String? {
        if name.isEmpty { return "name part must be non-empty" }
        if name.utf8.count > 63 { return "name part " + tooLong(63) }
        return isKey(name.utf8) ? nil : "name part " + keyShape
    }

    private static func tooLong(_ limit: Int) -> String { "must be no more than \(limit) characters" }

    private static func isLabel(_ bytes: Substring.UTF8View) -> Bool {
        guard let first = bytes.first, let last = bytes.last, isLowerOrDigit(first), isLowerOrDigit(last) else {
            return false
        }
        return bytes.allSatisfy { isLowerOrDigit($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isKey(_ bytes: Substring.UTF8View) -> Bool {
        guard let first = bytes.first, let last = bytes.last, isAlphanumeric(first), isAlphanumeric(last) else {
            return false
        }
        return bytes.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isLowerOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || isDigit(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isLowerOrDigit(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }
}
