import Glibc

/// Files that tests read, in `Tests/Fixtures`. Treat them as read-only: tests that write copy them first.
package enum Fixtures {
    /// The folder of all fixtures, found from this file's own place.
    private static let folder: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(4).joined(separator: "/") + "/Tests/Fixtures"
    }()

    /// The bucket that a real Velero 1.1.0 left, with the backup `demo` of the namespace `demo`.
    package static let veleroDemoBucket = folder + "/velero-1.1-demo"

    /// A small repository of version 2, every byte of it known: password `martlet`, a file `a\nb.txt`, made without
    /// restic and accepted by it.
    package static let knownRepository = folder + "/known-repository"

    /// `objects.json`: objects of many kinds for a round trip through a real API server.
    package static let roundTrip = folder + "/round-trip"

    /// Certificates of an authority, of servers on 127.0.0.1 and of a client; see `make` there.
    package static let tls = folder + "/tls"

    /// For each parser of stored bytes a folder of small inputs, which the fuzzer begins with and the tests replay.
    package static let fuzzCorpus = folder + "/fuzz"

    /// The names in a folder, sorted.
    /// - Throws: `MissingFixture`.
    package static func names(in path: String) throws -> [String] {
        guard let folder = opendir(path) else { throw MissingFixture(path: path) }
        defer { closedir(folder) }
        var names: [String] = []
        while let record = readdir(folder) {
            let name = withUnsafeBytes(of: &record.pointee.d_name) {
                String(cString: $0.bindMemory(to: UInt8.self).baseAddress!)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The content of a small file.
    /// - Throws: `MissingFixture`.
    package static func bytes(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw MissingFixture(path: path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return bytes
    }
}

package struct MissingFixture: Error {
    package let path: String

    package init(path: String) { self.path = path }
}
