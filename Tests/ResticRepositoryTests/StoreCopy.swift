import Basics
import MartletTestSupport
import NIOCore
import ObjectStorage
import ResticFormat
import ResticRepository

/// All objects of `store` in a new one in memory.
func copy(of store: any ObjectStore) async throws -> InMemoryObjectStore {
    let copy = InMemoryObjectStore()
    try await pour(store, into: copy)
    return copy
}

func pour(_ source: any ObjectStore, into target: any ObjectStore) async throws {
    for try await object in source.objects() {
        let bytes = try await source.read(object.key, limit: .mebibytes(64))
        _ = try await target.put(bytes, at: object.key, options: PutOptions())
    }
}

/// Runs `body` with the path of a folder that holds the objects of `store`.
func withFolder<Result>(of store: any ObjectStore, _ body: (String) async throws -> Result) async throws -> Result {
    try await withTemporaryFolder { folder in
        try await pour(store, into: try FolderObjectStore(path: folder))
        return try await body(folder)
    }
}

func reopen(_ store: any ObjectStore, environment: RepositoryEnvironment = .test()) async throws -> Repository {
    try await Repository.open(store, password: testPassword, environment: environment)
}
