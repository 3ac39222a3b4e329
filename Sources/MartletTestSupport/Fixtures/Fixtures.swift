/// Files that tests read, in `Tests/Fixtures`. Treat them as read-only: tests that write copy them first.
package enum Fixtures {
    /// The folder of all fixtures, found from this file's own place.
    private static let folder: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(4).joined(separator: "/") + "/Tests/Fixtures"
    }()

    /// The bucket that a real Velero 1.1.0 left, with the backup `demo` of the namespace `demo`.
    package static let veleroDemoBucket = folder + "/velero-1.1-demo"
}
