package import ObjectStorage
import Testing

/// What a store is known to lack. The checks then assert what happens instead; nothing is left out in silence.
package struct StoreLimits: Sendable, Hashable {
    /// Writes with a condition are done regardless of it, and `honoursConditions` says so.
    package var ignoresConditions = false
    /// `a` and `a/b` cannot both exist: the second write fails with `.unsupported` or `.invalid`.
    package var refusesKeyBesidePrefix = false
    /// Keys that one cannot keep: the write fails, with any code but a temporary one, and leaves nothing.
    package var refusedKeys: Set<OddKey> = []
    /// Keys that the server takes for other keys, or whose bytes it loses, without an error: these cannot be told from here.
    package var mangledKeys: Set<OddKey> = []
    /// Keys come folder by folder (`a/b` before `a-b`), and `startAfter` follows that order.
    package var listsByFolder = false
    /// Parts must come in order, 1, 2, 3, each once.
    package var takesPartsInOrderOnly = false
    /// The server's own state breaks when requests for one key meet.
    package var losesRaces = false
    /// Writes fail that meet the delete of the last other key beneath their prefix.
    package var racesForFolders = false
    /// User metadata is lost.
    package var losesMetadata = false
    /// The content type is lost, or made up.
    package var losesContentType = false
    /// Parts below 5 MiB that are not the last are accepted.
    package var takesSmallParts = false
    /// The tags of equal contents may be equal: a tag is a digest.
    package var tagsAreDigests = false
    /// Tags of objects are lost, or headers beside the content type.
    package var losesTags = false
    package var losesHeaders = false
    /// Versions are offered by the protocol, and not by this server.
    package var keepsNoVersions = false
    /// The parts of an upload are not told.
    package var forgetsParts = false
    /// A delimiter other than a slash does not fold.
    package var foldsOnlyAtSlashes = false
    /// Of `a` and `a/b` the second write is accepted and destroys the first.
    package var destroysKeyBesidePrefix = false
    /// Copies within the store lose metadata.
    package var copiesLoseMetadata = false
    /// A bucket looks as if it were made anew when something in it changes.
    package var forgetsBuckets = false
    /// A listing with a delimiter other than a slash does not get beyond the first fold.
    package var repeatsOtherDelimiters = false

    package init(_ change: (inout StoreLimits) -> Void = { _ in }) { change(&self) }
}

/// One promise of `ObjectStore`, tried on an empty store.
package struct ObjectStoreCheck: Sendable, CustomTestStringConvertible {
    package let name: String
    private let body: @Sendable (any ObjectStore, StoreLimits) async throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (any ObjectStore, StoreLimits) async throws -> Void) {
        self.name = name
        self.body = body
    }

    package var testDescription: String { name }

    /// Runs the check on `store`, which must be empty and nobody else's.
    package func run(on store: any ObjectStore, limits: StoreLimits = StoreLimits()) async throws {
        try await body(store, limits)
    }

    /// The whole suite: `@Test(arguments: ObjectStoreCheck.all)`.
    package static var all: [ObjectStoreCheck] {
        objects + conditions + ranges + listings + keys + uploads + features + concurrency
    }
}
