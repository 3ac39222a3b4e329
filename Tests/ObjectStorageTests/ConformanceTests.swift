import MartletTestSupport
import ObjectStorage
import Testing

@Suite struct `Every object store keeps its promise` {
    @Test(arguments: ObjectStoreCheck.all)
    func `in memory`(check: ObjectStoreCheck) async throws {
        let store = InMemoryObjectStore()
        try await check.run(on: store)
        #expect(store.openUploads == 0)
    }

    @Test(arguments: ObjectStoreCheck.all)
    func `in a folder`(check: ObjectStoreCheck) async throws {
        try await withTemporaryFolder { path in
            let store = try FolderObjectStore(path: path)
            try await check.run(on: store, limits: .folder)
        }
    }
}

extension StoreLimits {
    static let folder = StoreLimits {
        $0.refusesKeyBesidePrefix = true
        $0.refusedKeys = [.longName]
        $0.takesSmallParts = true
    }
}
