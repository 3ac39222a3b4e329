import Glibc

/// Runs `body` with the path of a new folder, which is removed afterwards with all that is in it.
package func withTemporaryFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    var template = Array("/tmp/martlet-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
        throw TemporaryFolderError(number: errno)
    }
    let path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    defer { removeTree(path) }
    return try await body(path)
}

private struct TemporaryFolderError: Error {
    let number: Int32
}

/// Removes `path` and everything beneath; links are removed, not followed.
private func removeTree(_ path: String) {
    if let folder = opendir(path) {
        while let record = readdir(folder) {
            let name = withUnsafeBytes(of: &record.pointee.d_name) {
                String(cString: $0.bindMemory(to: UInt8.self).baseAddress!)
            }
            if name == "." || name == ".." { continue }
            let inner = path + "/" + name
            if record.pointee.d_type == UInt8(DT_DIR) { removeTree(inner) } else { unlink(inner) }
        }
        closedir(folder)
    }
    rmdir(path)
}
