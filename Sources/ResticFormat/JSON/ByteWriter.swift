/// Bytes written one after another into memory of its own: room is made once for a whole piece, not for each byte.
struct ByteWriter: ~Copyable {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int = 1024) {
        self.capacity = max(capacity, 16)
        base = .allocate(capacity: self.capacity)
    }

    deinit { base.deallocate() }

    /// Makes room for `more` bytes, at least doubling what there is.
    @inline(__always)
    mutating func reserve(_ more: Int) {
        if capacity - count < more { grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        let larger = max(count + more, capacity * 2)
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        moved.update(from: base, count: count)
        base.deallocate()
        base = moved
        capacity = larger
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        reserve(1)
        base[count] = byte
        count += 1
    }

    @inline(__always)
    mutating func append(_ text: StaticString) {
        let length = text.utf8CodeUnitCount
        reserve(length)
        (base + count).update(from: text.utf8Start, count: length)
        count += length
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        reserve(bytes.count)
        UnsafeMutableRawPointer(base + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    mutating func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }

    /// Decimal digits without leading zeros.
    mutating func append(decimal number: UInt64) {
        reserve(20)
        var rest = number
        var length = 1
        while rest >= 10 {
            rest /= 10
            length += 1
        }
        rest = number
        var index = count + length - 1
        while index > count {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            base[index] = 0x30 | UInt8(truncatingIfNeeded: digit)
            rest = quotient
            index -= 1
        }
        base[count] = 0x30 | UInt8(truncatingIfNeeded: rest)
        count += length
    }

    mutating func append(decimal number: Int64) {
        if number < 0 { append(UInt8(ascii: "-")) }
        append(decimal: number.magnitude)
    }

    /// Exactly `width` digits of a number that has no more.
    @inline(__always)
    mutating func append(_ number: Int64, width: Int) {
        reserve(width)
        var rest = UInt64(truncatingIfNeeded: number)
        var index = count + width - 1
        while index >= count {
            base[index] = 0x30 | UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
            index -= 1
        }
        count += width
    }

    /// Two lower-case hexadecimal digits.
    mutating func append(hex byte: UInt8) {
        append(ByteWriter.hexDigit(byte >> 4))
        append(ByteWriter.hexDigit(byte & 15))
    }

    /// `width` lower-case hexadecimal digits.
    mutating func append(hex number: UInt32, width: Int) {
        for place in (0..<width).reversed() {
            append(ByteWriter.hexDigit(UInt8(truncatingIfNeeded: number >> UInt32(place * 4)) & 15))
        }
    }

    /// The id's 64 digits in quotes.
    mutating func append(quoted id: ResticID) {
        reserve(66)
        base[count] = UInt8(ascii: "\"")
        id.writeHex(to: UnsafeMutableRawPointer(base + count + 1))
        base[count + 65] = UInt8(ascii: "\"")
        count += 66
    }

    mutating func removeAll() { count = 0 }

    borrowing func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// What has been written.
    borrowing func bytes() -> [UInt8] {
        withBytes { Array($0) }
    }

    @inline(__always)
    private static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
}
