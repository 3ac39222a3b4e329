import Basics
import MartletTestSupport
import ResticFormat

/// Values that tests make of nothing, or of a seed.
enum Sample {
    static func id(_ hex: String) throws -> ResticID {
        guard let id = ResticID(hex) else { throw BadSample(text: hex) }
        return id
    }

    static func bytes(_ hex: String) throws -> [UInt8] {
        guard let bytes = Hex.decode(hex) else { throw BadSample(text: hex) }
        return bytes
    }

    /// 16 times the same byte, as the known repository has them.
    static func iv(_ byte: UInt8) throws -> InitializationVector {
        guard let iv = InitializationVector(bytes: [UInt8](repeating: byte, count: 16)) else {
            throw BadSample(text: "\(byte)")
        }
        return iv
    }

    /// The key of the known repository: the bytes 0 to 63.
    static func key() throws -> MasterKey {
        try MasterKey(encrypt: Array(0..<32), k: Array(32..<48), r: Array(48..<64))
    }

    static func bytes(_ count: Int, _ generator: inout SeededGenerator) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    /// Text that compresses to about a third.
    static func text(_ count: Int, _ generator: inout SeededGenerator) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 97...101, using: &generator) }
    }

    /// The code of the error that `body` throws; nil if it throws none.
    static func code(_ body: () throws -> Void) -> FormatError.Code? {
        do {
            try body()
            return nil
        } catch let error as FormatError {
            return error.code
        } catch {
            return nil
        }
    }
}

struct BadSample: Error {
    let text: String
}
