import ObjectStorage

extension Composition {
    /// Opens a store.
    ///
    /// - Parameter forWriting: makes a folder that does not exist.
    func openStore(_ url: StoreURL, forWriting: Bool) async throws -> any ObjectStore {
        switch url {
        case .folder(let path): return try FolderObjectStore(path: absolute(path), creates: forWriting)
        case .s3: throw CommandError(.failed, "no S3 yet")
        }
    }

    private func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(workingFolder)/\(path)" }
}
