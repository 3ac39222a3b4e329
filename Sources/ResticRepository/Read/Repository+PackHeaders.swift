import NIOCore
package import ResticFormat

extension Repository {
    /// Which blobs a pack holds, as it says itself. One request, or two for a pack of more than 15 blobs.
    ///
    /// - Parameter size: of the pack file, in bytes.
    /// - Throws: `.damaged`, `.notFound`, `.store`.
    package func loadHeader(_ pack: ResticID, size: Int) async throws(RepositoryError) -> PackHeader {
        var wanted = min(size, PackHeader.usualTailLength)
        while true {  // Two turns at most: the first tells how much the second needs.
            guard wanted > 0 else { throw RepositoryError(.damaged, "pack \(pack) is empty") }
            let tail = try await files.loadRange(pack, (size - wanted)..<size)
            do throws(FormatError) {
                switch try PackHeader.read(tail: Array(buffer: tail), fileSize: size, key: key) {
                case .header(let header): return header
                case .needs(let count):
                    guard count > wanted, count <= size else {
                        throw FormatError(.malformed, "the header of \(count) bytes cannot be in it")
                    }
                    wanted = count
                }
            } catch {
                throw RepositoryError(error, in: "the header of pack \(pack)")
            }
        }
    }
}
