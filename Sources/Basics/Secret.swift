/// A text that must never be seen: a password, a token, a storage key.
///
/// Every way Swift offers to print a value shows `[secret]`; the text itself is reached only by `reveal()`, which is
/// easy to find in a review.
package struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let text: String

    package init(_ text: String) {
        self.text = text
    }

    /// The text itself, for the one place that sends or derives from it. Never put the result into a message.
    package func reveal() -> String { text }

    package var isEmpty: Bool { text.isEmpty }
    package var description: String { "[secret]" }
    package var debugDescription: String { "[secret]" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
