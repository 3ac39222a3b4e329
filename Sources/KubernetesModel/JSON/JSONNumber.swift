/// A number as the sender wrote it. `1.0`, `1e3` and `18446744073709551615` keep their spelling, because a backup that
/// turns one into another has changed the object.
package struct JSONNumber: Sendable, Hashable, CustomStringConvertible {
    /// Matches the grammar of RFC 8259, section 6.
    package let text: String

    /// For the parser, which has checked the grammar.
    init(validated text: String) { self.text = text }

    package init(_ value: some BinaryInteger) { text = String(value) }

    /// The value if it is written as an integer that fits.
    package var int64: Int64? { Int64(text) }
    package var double: Double? { Double(text) }
    package var description: String { text }
}
