package import ResticFormat
package import ResticRepository

package struct PackRead: Sendable {
    package struct B: Sendable { package var handle: BlobHandle }
    package var blobs: [B] = []
}
package enum PackReadPlan {
    package static func reads(of: [BlobHandle], in: RepositoryIndex) -> [PackRead] {
        of.map { PackRead(blobs: [PackRead.B(handle: $0)]) }
    }
}
package struct PackReadFailure: Sendable {
    package var blob: Int
    package var error: RepositoryError
}
extension IndexedRepository {
    package func read(_ read: PackRead, each: @Sendable (Int, UnsafeRawBufferPointer) throws -> Void) async throws -> [PackReadFailure] {
        for (i, b) in read.blobs.enumerated() {
            do throws(RepositoryError) {
                let bytes = try await loadBlob(b.handle)
                do { try bytes.withUnsafeBytes { try each(i, $0) } } catch {}
            } catch {
                return [PackReadFailure(blob: i, error: error)]
            }
        }
        return []
    }
}
