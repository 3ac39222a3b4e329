/// The small files that aliases are kept in; handed in so that tests need none.
package struct ConfigurationFiles: Sendable {
    /// The content, nil if there is no such file.
    package var read: @Sendable (_ path: String) throws -> [UInt8]?
    /// Puts a file in place as a whole, readable for its owner alone, and makes the folders on the way for its owner alone.
    package var write: @Sendable (_ path: String, _ bytes: [UInt8]) throws -> Void

    package init(
        read: @escaping @Sendable (_ path: String) throws -> [UInt8]?,
        write: @escaping @Sendable (_ path: String, _ bytes: [UInt8]) throws -> Void
    ) {
        self.read = read
        self.write = write
    }

    /// No files at all.
    package static let none = ConfigurationFiles(read: { _ in nil }, write: { _, _ in })
}
