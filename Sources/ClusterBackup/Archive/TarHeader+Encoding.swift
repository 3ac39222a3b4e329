extension TarHeader {
    /// Appends the header of a regular file: mode 0755, owner 0:0, as Velero writes it. Names and sizes that do not fit
    /// get a pax header in front.
    ///
    /// - Parameter modified: seconds since 1970.
    static func appendFile(path: String, size: Int, modified: Int64, to output: inout [UInt8]) {
        let utf8 = Array(path.utf8)
        let split = splitPoint(utf8)
        let isLarge = size >= 1 << 33  // Eleven octal digits.
        if split == nil || isLarge {
            var records: [UInt8] = []
            if split == nil { appendRecord("path", utf8, to: &records) }
            if isLarge { appendRecord("size", Array(String(size).utf8), to: &records) }
            appendBlock(
                prefix: [], name: Array("PaxHeaders/entry".utf8)[...], size: records.count, modified: modified,
                type: UInt8(ascii: "x"), to: &output)
            output.append(contentsOf: records)
            appendPadding(after: records.count, to: &output)
        }
        let name: ArraySlice<UInt8>
        let prefix: ArraySlice<UInt8>
        switch split {
        case 0?: (prefix, name) = ([], utf8[...])
        case let point?: (prefix, name) = (utf8[..<point], utf8[(point + 1)...])
        case nil: (prefix, name) = ([], utf8.suffix(100))  // For readers that skip pax headers.
        }
        appendBlock(
            prefix: prefix, name: name, size: isLarge ? 0 : size, modified: modified, type: UInt8(ascii: "0"),
            to: &output)
    }

    /// Zeros up to the next block.
    static func appendPadding(after size: Int, to output: inout [UInt8]) {
        let rest = size % blockSize
        if rest > 0 { output.append(contentsOf: repeatElement(0, count: blockSize - rest)) }
    }

    /// The mark at the end of an archive: two zero blocks.
    static func appendEnd(to output: inout [UInt8]) {
        output.append(contentsOf: repeatElement(0, count: 2 * blockSize))
    }

    /// The slash that parts prefix (at most 155 bytes) and name (at most 100); 0 if no prefix is needed, nil if ustar
    /// cannot hold the path.
    private static func splitPoint(_ path: [UInt8]) -> Int? {
        if path.count <= 100 { return 0 }
        guard path.count <= 256 else { return nil }
        let earliest = path.count - 101
        return path.indices.first { $0 >= earliest && $0 <= 155 && path[$0] == UInt8(ascii: "/") }
    }

    private static func appendBlock(
        prefix: ArraySlice<UInt8>, name: ArraySlice<UInt8>, size: Int, modified: Int64, type: UInt8,
        to output: inout [UInt8]
    ) {
        let start = output.count
        output.append(contentsOf: name)
        output.append(contentsOf: repeatElement(0, count: 100 - name.count))
        output.append(contentsOf: "0000755\u{0}0000000\u{0}0000000\u{0}".utf8)
        appendOctal(size, digits: 11, to: &output)
        appendOctal(Int(min(max(modified, 0), 1 << 33 - 1)), digits: 11, to: &output)
        output.append(contentsOf: "        ".utf8)
        output.append(type)
        output.append(contentsOf: repeatElement(0, count: 100))
        output.append(contentsOf: "ustar\u{0}00".utf8)
        output.append(contentsOf: repeatElement(0, count: 32 + 32))
        output.append(contentsOf: "0000000\u{0}0000000\u{0}".utf8)
        output.append(contentsOf: prefix)
        output.append(contentsOf: repeatElement(0, count: start + blockSize - output.count))
        var sum = 0
        for index in start..<(start + blockSize) { sum += Int(output[index]) }
        for digit in 0..<6 {
            output[start + 148 + digit] = UInt8(ascii: "0") + UInt8(sum >> (3 * (5 - digit)) & 7)
        }
        output[start + 154] = 0
    }

    private static func appendOctal(_ value: Int, digits: Int, to output: inout [UInt8]) {
        for digit in 0..<digits {
            output.append(UInt8(ascii: "0") + UInt8(value >> (3 * (digits - 1 - digit)) & 7))
        }
        output.append(0)
    }

    /// `LENGTH KEY=VALUE\n`; the length counts itself.
    private static func appendRecord(_ key: String, _ value: [UInt8], to output: inout [UInt8]) {
        let rest = 1 + key.utf8.count + 1 + value.count + 1
        var length = rest
        while String(length).utf8.count + rest != length { length = String(length).utf8.count + rest }
        output.append(contentsOf: "\(length) \(key)=".utf8)
        output.append(contentsOf: value)
        output.append(0x0A)
    }
}
