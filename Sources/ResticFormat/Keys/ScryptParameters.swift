package import Basics
import CryptoExtras
import FoundationEssentials

/// What it costs to make a key of a password.
package struct ScryptParameters: Sendable, Hashable {
    /// N, a power of two.
    package var cost: Int
    /// r
    package var blockSize: Int
    /// p
    package var parallelism: Int

    package init(cost: Int, blockSize: Int, parallelism: Int) {
        self.cost = cost
        self.blockSize = blockSize
        self.parallelism = parallelism
    }

    /// For new keys: 32 MiB of memory, about a fifth of a second of one core, which every command pays once. Source: OWASP,
    /// Password Storage Cheat Sheet, "scrypt".
    package static let standard = ScryptParameters(cost: 32_768, blockSize: 8, parallelism: 3)
    /// For tests: next to nothing, and no protection.
    package static let cheap = ScryptParameters(cost: 16, blockSize: 1, parallelism: 1)

    /// The most memory that a key file may ask for, in bytes: 128 · N · r. Old repositories have 64 MiB.
    package static let maximumMemory = 256 << 20
    /// The most work: 128 · N · r · p bytes passed over. The standard is 96 MiB.
    package static let maximumWork = 8 << 30

    /// - Throws: `malformed` for what scrypt does not define, `limitExceeded` for what costs too much.
    package func check() throws(FormatError) {
        guard cost > 1, cost & (cost - 1) == 0, blockSize >= 1, parallelism >= 1, cost <= 1 << 40,
            blockSize < 1 << 30, parallelism < 1 << 30, blockSize * parallelism < 1 << 30
        else {
            throw FormatError(.malformed, "impossible scrypt parameters \(self)")
        }
        let memory = (128 * cost).multipliedReportingOverflow(by: blockSize)
        let work = memory.partialValue.multipliedReportingOverflow(by: parallelism)
        guard !memory.overflow, memory.partialValue <= ScryptParameters.maximumMemory, !work.overflow,
            work.partialValue <= ScryptParameters.maximumWork
        else {
            throw FormatError(.limitExceeded, "the key asks for too much memory or time: scrypt parameters \(self)")
        }
    }

    /// The key that seals the repository's key.
    /// - Throws: as `check`; `malformed` for a salt of another length than 64.
    package func userKey(password: Secret, salt: [UInt8]) throws(FormatError) -> MasterKey {
        try check()
        guard salt.count == KeyFile.saltLength else {
            throw FormatError(.malformed, "the salt has \(salt.count) bytes, not \(KeyFile.saltLength)")
        }
        let bytes: [UInt8]
        do {
            let key = try KDF.Scrypt.deriveKey(
                from: Array(password.reveal().utf8), salt: salt, outputByteCount: MasterKey.byteCount, rounds: cost,
                blockSize: blockSize, parallelism: parallelism, maxMemory: ScryptParameters.maximumMemory * 2)
            bytes = key.withUnsafeBytes { Array($0) }
        } catch {
            throw FormatError(.unusableKey, "no key can be derived with scrypt parameters \(self)", cause: error)
        }
        return try MasterKey(encrypt: Array(bytes[..<32]), k: Array(bytes[32..<48]), r: Array(bytes[48...]))
    }
}

extension ScryptParameters: CustomStringConvertible {
    package var description: String { "N=\(cost) r=\(blockSize) p=\(parallelism)" }
}
