/// Hexadecimal, eight digits at a time in one integer: an index of a large repository is mostly hexadecimal.
extension ResticID {
    /// Nil unless `digits` are exactly 64 lower-case hexadecimal digits.
    init?(hexDigits digits: UnsafeRawBufferPointer) {
        guard digits.count == 64, let base = digits.baseAddress else { return nil }
        var isValid = true
        func word(_ offset: Int) -> UInt64 {
            let high = HexBlock.decode(base.loadUnaligned(fromByteOffset: offset, as: UInt64.self), &isValid)
            let low = HexBlock.decode(base.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self), &isValid)
            return high << 32 | low
        }
        let id = ResticID(word(0), word(16), word(32), word(48))
        guard isValid else { return nil }
        self = id
    }

    /// - Precondition: 64 bytes are writable at `pointer`.
    func writeHex(to pointer: UnsafeMutableRawPointer) {
        func write(_ word: UInt64, _ offset: Int) {
            let high = HexBlock.encode(UInt32(truncatingIfNeeded: word >> 32))
            pointer.storeBytes(of: high, toByteOffset: offset, as: UInt64.self)
            let low = HexBlock.encode(UInt32(truncatingIfNeeded: word))
            pointer.storeBytes(of: low, toByteOffset: offset + 8, as: UInt64.self)
        }
        write(word0, 0)
        write(word1, 16)
        write(word2, 32)
        write(word3, 48)
    }
}

private enum HexBlock {
    private static let ones: UInt64 = 0x0101_0101_0101_0101

    /// The 32 bits that the eight digits in `stored` spell, the first digit most significant.
    static func decode(_ stored: UInt64, _ isValid: inout Bool) -> UInt64 {
        let digits = UInt64(littleEndian: stored)
        let values = (digits & (0x0F * ones)) &+ ((digits >> 6) & ones) &* 9
        // A value above 15, or one that is written otherwise, was no lower-case digit.
        if values & (0xF0 * ones) != 0 || characters(values) != digits { isValid = false }
        var packed = values.byteSwapped
        packed = (packed | packed >> 4) & 0x00FF_00FF_00FF_00FF
        packed = (packed | packed >> 8) & 0x0000_FFFF_0000_FFFF
        return (packed | packed >> 16) & 0xFFFF_FFFF
    }

    static func encode(_ bits: UInt32) -> UInt64 {
        var values = UInt64(bits)
        values = (values | values << 16) & 0x0000_FFFF_0000_FFFF
        values = (values | values << 8) & 0x00FF_00FF_00FF_00FF
        values = (values | values << 4) & (0x0F * ones)
        return characters(values.byteSwapped).littleEndian
    }

    /// Each byte 0...15 as its digit.
    private static func characters(_ values: UInt64) -> UInt64 {
        let letters = ((values &+ 6 * ones) >> 4) & ones
        return values &+ 0x30 * ones &+ letters &* 0x27
    }
}
