import KubernetesModel
import MartletTestSupport
import NIOCore
import ObjectStorage

/// Objects of many kinds, with the fields in which backups use to fail. Names begin with the given prefix; versions that
/// a server does not serve are left out by whoever creates them, and each kind comes in every version that is met.
enum RoundTripObjects {
    /// In the order in which they can be created.
    static func all(prefix: String) async throws -> [APIObject] {
        let folder = try FolderObjectStore(path: Fixtures.roundTrip)
        let bytes = try await folder.read(ObjectKey("objects.json")!, limit: .mebibytes(1))
        let text = String(buffer: bytes).replacing("PREFIX", with: prefix)
        return (try JSONValue(parsing: text).array ?? []).map { APIObject($0) }
    }
}
