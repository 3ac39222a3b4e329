/// Seals and opens what is stored as one object: index files, snapshots, locks; and the config, without compression.
package struct UnpackedCodec: Sendable {
    package let key: MasterKey
    package let version: RepositoryVersion

    /// The bound of an unpacked file after decompression: the largest index is below 100 MiB.
    package static let maximumPlainLength = 512 << 20

    package init(key: MasterKey, version: RepositoryVersion) {
        self.key = key
        self.version = version
    }

    /// The bytes to store: in version 2 `seal(0x02 || zstd(json))`, in version 1 `seal(json)`.
    package func seal(_ json: [UInt8], iv: InitializationVector, with compressor: Compressor) throws(FormatError)
        -> [UInt8]
    {
        guard version == .v2 else { return key.seal(json, iv: iv) }
        return key.seal([0x02] + (try compressor.compress(json)), iv: iv)
    }

    /// The JSON of a stored file, compressed or not, whatever the version.
    /// - Throws: `unauthenticated`, `malformed`, `unsupported` for another encoding, `limitExceeded` beyond `limit` bytes.
    package func open(
        _ stored: [UInt8], with decompressor: Decompressor, limit: Int = maximumPlainLength
    ) throws(FormatError) -> [UInt8] {
        let plain = try key.open(stored)
        switch plain.first {
        case nil, UInt8(ascii: "["), UInt8(ascii: "{"): return plain
        case 0x02:
            return try plain.withRawBytes { bytes throws(FormatError) in
                try decompressor.decompress(UnsafeRawBufferPointer(rebasing: bytes[1...]), limit: limit)
            }
        case let first?: throw FormatError(.unsupported, "unknown encoding \(first) of an unpacked file")
        }
    }
}
