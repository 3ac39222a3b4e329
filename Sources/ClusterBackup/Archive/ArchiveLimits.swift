package import Basics

/// How much of an archive is believed. An archive is as trustworthy as everybody who may write to the bucket.
package struct ArchiveLimits: Sendable, Hashable {
    /// One object. The API server takes 3 MiB in a request and etcd 1.5 MiB by default, so this is generous.
    package var entrySize: ByteCount
    /// Everything, unpacked.
    package var totalSize: ByteCount
    package var entryCount: Int
    /// Unpacked bytes for one packed byte, judged after the first 256 MiB. Objects pack 5 to 50 to one.
    package var ratio: Int64

    package init(
        entrySize: ByteCount = .mebibytes(64), totalSize: ByteCount = .mebibytes(64 << 10),
        entryCount: Int = 20_000_000, ratio: Int64 = 400
    ) {
        self.entrySize = entrySize
        self.totalSize = totalSize
        self.entryCount = entryCount
        self.ratio = ratio
    }
}
