import Glibc
import MartletTestSupport
import NIOCore
import ObjectStorage

/// A folder of the fixtures as a store in memory, so that tests may write to it.
enum KnownStore {
    /// The small repository whose password is `martlet`.
    static func repository() async throws -> InMemoryObjectStore { try await load(Fixtures.knownRepository) }

    /// The one that Velero's restic wrote; its password is `static-passw0rd`.
    static func velero() async throws -> InMemoryObjectStore {
        try await load(Fixtures.veleroDemoBucket + "/restic/demo")
    }

    private static func load(_ folder: String) async throws -> InMemoryObjectStore {
        let store = InMemoryObjectStore()
        for path in try files(in: folder, beneath: "") {
            guard let key = ObjectKey(path) else { throw MissingFixture(path: path) }
            let bytes = ByteBuffer(bytes: try Fixtures.bytes("\(folder)/\(path)"))
            _ = try await store.put(bytes, at: key, options: PutOptions())
        }
        return store
    }

    /// Paths relative to `folder`.
    private static func files(in folder: String, beneath path: String) throws -> [String] {
        guard let stream = opendir("\(folder)/\(path)") else { throw MissingFixture(path: folder) }
        defer { closedir(stream) }
        var found: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(cString: $0.bindMemory(to: UInt8.self).baseAddress!)
            }
            if name == "." || name == ".." { continue }
            let inner = path.isEmpty ? name : "\(path)/\(name)"
            found += entry.pointee.d_type == UInt8(DT_DIR) ? try files(in: folder, beneath: inner) : [inner]
        }
        return found
    }
}
