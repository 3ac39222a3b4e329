import Basics
import CRestic
import MartletTestSupport

/// The C functions as values in, values out, at a level of implementation of the test's choice.
enum Kernel {
    /// Every level that this processor has, from the portable one on.
    static let levels = Array(0...crestic_highest_level())
    /// Every level but the reference.
    static let fastLevels = levels.filter { $0 > 0 }

    /// Runs `body` on this thread with the implementations of `level`.
    static func at<Result>(_ level: Int32, _ body: () throws -> Result) rethrows -> Result {
        _ = crestic_force_level(level)
        defer { _ = crestic_force_level(-1) }
        return try body()
    }

    static func sha256(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { out, count in
            bytes.withUnsafeBufferPointer { crestic_sha256($0.baseAddress, $0.count, out.baseAddress) }
            count = 32
        }
    }

    /// Up to sixteen slices of `bytes`, hashed together.
    static func sha256(_ slices: [Range<Int>], of bytes: [UInt8]) -> [[UInt8]] {
        var out = [UInt8](repeating: 0, count: 32 * slices.count)
        bytes.withUnsafeBufferPointer { buffer in
            let starts = slices.map { range in buffer.baseAddress.map { $0 + range.lowerBound } }
            let lengths = slices.map(\.count)
            out.withUnsafeMutableBytes { out in
                let hashes = out.baseAddress?.assumingMemoryBound(to: Digest.self)
                crestic_sha256_many(starts, lengths, slices.count, hashes)
            }
        }
        return slices.indices.map { Array(out[32 * $0..<32 * $0 + 32]) }
    }

    /// 32 bytes, as Swift sees `uint8_t[32]`.
    typealias Digest = (
        UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8,
        UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8
    )

    /// Random bytes, the same for the same seed.
    static func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
        var random = SeededGenerator(seed: seed)
        return [UInt8](unsafeUninitializedCapacity: count + 8) { buffer, initialized in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            var offset = 0
            while offset < count {
                raw.storeBytes(of: random.next().littleEndian, toByteOffset: offset, as: UInt64.self)
                offset += 8
            }
            initialized = count
        }
    }

    static func hex(_ text: String) -> [UInt8] { Hex.decode(text) ?? [] }
}

/// An expanded key, made and cleared with its owner.
// Unchecked: the key is written before `init` ends and only read after it.
final class KernelSealKey: @unchecked Sendable {
    private let key = UnsafeMutablePointer<crestic_seal_key>.allocate(capacity: 1)

    init(encrypt: [UInt8], k: [UInt8], r: [UInt8]) { crestic_seal_key_init(key, encrypt, k, r) }

    deinit {
        crestic_clear(key, MemoryLayout<crestic_seal_key>.size)
        key.deallocate()
    }

    func seal(_ plain: ArraySlice<UInt8>, iv: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: plain.count + 32) { out, count in
            plain.withUnsafeBufferPointer { crestic_seal(key, iv, $0.baseAddress, $0.count, out.baseAddress) }
            count = plain.count + 32
        }
    }

    /// The plain bytes, or nil if the MAC is wrong; in the second case nothing may have been written.
    func open(_ sealed: ArraySlice<UInt8>) -> [UInt8]? {
        let room = max(0, sealed.count - 32) + 1
        var out = [UInt8](repeating: 0xA5, count: room)
        let opened = sealed.withUnsafeBufferPointer { crestic_open(key, $0.baseAddress, $0.count, &out) }
        guard opened == 1 else { return out.allSatisfy { $0 == 0xA5 } ? nil : [] }
        return Array(out.dropLast())
    }

    /// Seals and opens where the bytes are.
    func isSeal(_ sealed: [UInt8], of plain: ArraySlice<UInt8>) -> Bool {
        plain.withUnsafeBufferPointer { crestic_is_seal(key, sealed, sealed.count, $0.baseAddress) } == 1
    }

    func sealedInPlace(_ plain: [UInt8], iv: [UInt8]) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 16) + plain + [UInt8](repeating: 0, count: 16)
        buffer.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            crestic_seal(key, iv, start + 16, plain.count, start)
        }
        return buffer
    }

    func openedInPlace(_ sealed: [UInt8]) -> [UInt8]? {
        var buffer = sealed
        let opened = buffer.withUnsafeMutableBufferPointer { buffer -> Int32 in
            guard let start = buffer.baseAddress else { return 0 }
            return crestic_open(key, start, buffer.count, start + 16)
        }
        return opened == 1 ? Array(buffer.dropFirst(16).dropLast(16)) : nil
    }
}

/// The tables of a polynomial.
// Unchecked: the tables are written before `init` ends and only read after it.
final class KernelChunker: @unchecked Sendable {
    static let classic: UInt64 = 0x3D_A335_8B4D_C173
    static let mask: UInt64 = 0xF_FFFF
    static let minimum = 512 * 1024
    static let maximum = 8 * 1024 * 1024

    let tables = UnsafeMutablePointer<crestic_chunker>.allocate(capacity: 1)

    init(polynomial: UInt64) { crestic_chunker_init(tables, polynomial) }

    deinit { tables.deallocate() }

    func candidates(
        in bytes: ArraySlice<UInt8>, from: Int = 64, mask: UInt64, capacity: Int = 4096
    ) -> [Int] {
        [Int](unsafeUninitializedCapacity: capacity) { positions, count in
            count = bytes.withUnsafeBufferPointer { bytes in
                positions.withMemoryRebound(to: Int.self) { positions in
                    crestic_chunker_candidates(
                        tables, bytes.baseAddress, bytes.count, from, mask, positions.baseAddress, capacity)
                }
            }
        }
    }

    func cut(_ bytes: ArraySlice<UInt8>, minimum: Int, maximum: Int, mask: UInt64) -> Int {
        bytes.withUnsafeBufferPointer {
            crestic_chunker_cut(tables, $0.baseAddress, $0.count, minimum, maximum, mask)
        }
    }

    /// Lengths of all chunks of a file of these bytes.
    func chunks(of bytes: [UInt8]) -> [Int] {
        var lengths: [Int] = []
        var start = 0
        while start < bytes.count {
            let length = cut(
                bytes[start...], minimum: Self.minimum, maximum: Self.maximum, mask: Self.mask)
            lengths.append(length)
            start += length
        }
        return lengths
    }

    func fingerprint(_ window: ArraySlice<UInt8>) -> UInt64 {
        window.withUnsafeBufferPointer { crestic_chunker_fingerprint(tables, $0.baseAddress) }
    }
}
