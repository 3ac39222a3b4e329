import Crypto

/// SHA-256 by the kernels of `CRestic`.
enum SHA256Kernel {
    static func hash(_ bytes: UnsafeRawBufferPointer) -> ResticID {
        SHA256.hash(data: bytes).withUnsafeBytes { ResticID(loadingFrom: $0.baseAddress!) }
    }
}

/// SHA-256 of bytes that come one after another.
package struct SHA256Stream: Sendable {
    private var hash = SHA256()

    package init() {}

    package mutating func update(_ bytes: UnsafeRawBufferPointer) { hash.update(bufferPointer: bytes) }

    package mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    package consuming func finish() -> ResticID {
        hash.finalize().withUnsafeBytes { ResticID(loadingFrom: $0.baseAddress!) }
    }
}
