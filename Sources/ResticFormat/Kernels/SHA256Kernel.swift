import CRestic

/// SHA-256 by the kernels of `CRestic`.
enum SHA256Kernel {
    static func hash(_ bytes: UnsafeRawBufferPointer) -> ResticID {
        collect { crestic_sha256(pointer(bytes), bytes.count, $0) }
    }

    static func pointer(_ bytes: UnsafeRawBufferPointer) -> UnsafePointer<UInt8>? {
        bytes.assumingMemoryBound(to: UInt8.self).baseAddress
    }

    /// The id that `write` leaves in 32 bytes.
    static func collect(_ write: (UnsafeMutablePointer<UInt8>) -> Void) -> ResticID {
        withUnsafeTemporaryAllocation(byteCount: ResticID.byteCount, alignment: 8) { buffer in
            let base = buffer.baseAddress!
            write(base.assumingMemoryBound(to: UInt8.self))
            return ResticID(loadingFrom: base)
        }
    }
}

/// SHA-256 of bytes that come one after another.
package struct SHA256Stream: Sendable {
    private var context = crestic_sha256_context()

    package init() { crestic_sha256_init(&context) }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        crestic_sha256_update(&context, SHA256Kernel.pointer(bytes), bytes.count)
    }

    package mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    package func finish() -> ResticID {
        var context = context
        return SHA256Kernel.collect { crestic_sha256_final(&context, $0) }
    }
}

/// Ids of many blobs at once.
package enum BlobHash {
    /// The ids of `blobs`, in their order. Two long ones side by side take far less than twice the time of one.
    package static func ids(of blobs: [UnsafeRawBufferPointer]) -> [ResticID] {
        var ids: [ResticID] = []
        ids.reserveCapacity(blobs.count)
        var rest = blobs[...]
        while !rest.isEmpty {
            let group = rest.prefix(groupSize)
            rest = rest.dropFirst(groupSize)
            append(group, to: &ids)
        }
        return ids
    }

    /// Blobs that the kernel takes at once.
    package static let groupSize = Int(CRESTIC_SHA256_MANY)

    private static func append(_ group: ArraySlice<UnsafeRawBufferPointer>, to ids: inout [ResticID]) {
        let pointers = group.map { SHA256Kernel.pointer($0) }
        let counts = group.map(\.count)
        withUnsafeTemporaryAllocation(byteCount: groupSize * ResticID.byteCount, alignment: 8) { output in
            typealias Digest = (
                UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8,
                UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8,
                UInt8, UInt8
            )
            crestic_sha256_many(pointers, counts, group.count, output.baseAddress!.assumingMemoryBound(to: Digest.self))
            for index in 0..<group.count {
                ids.append(ResticID(loadingFrom: output.baseAddress! + index * ResticID.byteCount))
            }
        }
    }
}

/// Whether all of `bytes` are zero, faster than a loop would find out.
package func isAllZero(_ bytes: UnsafeRawBufferPointer) -> Bool {
    crestic_is_zero(SHA256Kernel.pointer(bytes), bytes.count) == 1
}
