import Basics
import ObjectStorage

/// One object, in the version that was asked for.
struct ObjectChoice: Sendable {
    let located: LocatedPlace
    let key: ObjectKey
    /// Nil for the latest.
    let versionID: String?

    /// - Parameters:
    ///   - versionID: as typed.
    ///   - at: takes the newest version at that instant instead.
    /// - Throws: `.usage` for a place that cannot be one object, `.notFound` if there was none at that time.
    init(_ text: String, versionID: String?, at: Timestamp?, in stores: StoreAccess) async throws {
        located = try await stores.locate(text)
        guard let key = ObjectKey(located.key) else {
            throw CommandError.usage(
                "'\(text)' is no object but a whole store", advice: "Name one object: '\(text)/KEY'.")
        }
        self.key = key
        guard let at else {
            self.versionID = versionID
            return
        }
        self.versionID = try await ObjectChoice.version(of: key, at: at, in: located.store)
    }

    private static func version(of key: ObjectKey, at: Timestamp, in store: any ObjectStore) async throws -> String? {
        var found: ListedEntry?
        let listing = ObjectListing(store: store, prefix: key.text, isRecursive: true, view: .at(at))
        try await listing.forEach { if $0.key.utf8.elementsEqual(key.text.utf8) { found = $0 } }
        guard let found else {
            throw CommandError(.notFound, "there was no object '\(key)' in \(store.location) at \(at)")
        }
        return found.versionID
    }
}
