/// One component of a path pattern: `*` (any characters), `?` (one character), `[a-z]`, `[^a-z]`, `\x`. A character is a
/// Unicode scalar, or a byte that belongs to none. Source: Go's path/filepath.Match, which restic's patterns are.
enum NamePattern: Sendable, Hashable {
    /// `*`
    case any
    case literal([UInt8])
    /// `*` and a literal, as in `*.log`.
    case suffix([UInt8])
    case general([Element])

    enum Element: Sendable, Hashable {
        case star
        case one
        case scalar(UInt32)
        case set(ranges: [ClosedRange<UInt32>], isNegated: Bool)
    }

    /// - Throws: `.invalid` for an open or empty bracket and for a lonely backslash at the end.
    init(_ text: [UInt8]) throws(FileError) {
        let elements = try NamePattern.parse(Scalars.all(of: text), in: text)
        let rest = elements.first == .star ? elements.dropFirst() : elements[...]
        guard let literal = NamePattern.literal(rest) else {
            self = .general(elements)
            return
        }
        if elements.first != .star {
            self = .literal(literal)
        } else {
            self = literal.isEmpty ? .any : .suffix(literal)
        }
    }

    func matches(_ name: [UInt8]) -> Bool {
        switch self {
        case .any: return true
        case .literal(let literal): return name == literal
        case .suffix(let suffix):
            return name.count >= suffix.count && name[(name.count - suffix.count)...].elementsEqual(suffix)
        case .general(let elements):
            return NamePattern.matches(elements, Scalars.all(of: name))
        }
    }

    /// The bytes of `elements` if all are plain characters.
    private static func literal(_ elements: ArraySlice<Element>) -> [UInt8]? {
        var bytes: [UInt8] = []
        for element in elements {
            guard case .scalar(let value) = element else { return nil }
            bytes.append(contentsOf: Scalars.bytes(of: value))
        }
        return bytes
    }

    private static func parse(_ scalars: [UInt32], in text: [UInt8]) throws(FileError) -> [Element] {
        var elements: [Element] = []
        var rest = scalars[...]
        while let next = rest.popFirst() {
            switch next {
            case 0x2A: if elements.last != .star { elements.append(.star) }
            case 0x3F: elements.append(.one)
            case 0x5B: elements.append(try set(&rest, in: text))
            case 0x5C: elements.append(.scalar(try escaped(&rest, in: text)))
            default: elements.append(.scalar(next))
            }
        }
        return elements
    }

    private static func set(_ rest: inout ArraySlice<UInt32>, in text: [UInt8]) throws(FileError) -> Element {
        let isNegated = rest.first == 0x5E
        if isNegated { rest.removeFirst() }
        var ranges: [ClosedRange<UInt32>] = []
        while rest.first != 0x5D || ranges.isEmpty {
            let low = try bound(&rest, in: text)
            var high = low
            if rest.first == 0x2D {
                rest.removeFirst()
                high = try bound(&rest, in: text)
            }
            // A range that runs backwards holds nothing; the bracket is not empty all the same.
            ranges.append(low <= high ? low...high : nothing)
        }
        rest.removeFirst()
        return .set(ranges: ranges, isNegated: isNegated)
    }

    /// A range that no character is in.
    private static let nothing: ClosedRange<UInt32> = .max ... .max

    private static func bound(_ rest: inout ArraySlice<UInt32>, in text: [UInt8]) throws(FileError) -> UInt32 {
        guard let next = rest.popFirst(), next != 0x2D, next != 0x5D else { throw malformed(text, "a bracket") }
        let value = next == 0x5C ? try escaped(&rest, in: text) : next
        guard !rest.isEmpty else { throw malformed(text, "a bracket") }
        return value
    }

    private static func escaped(_ rest: inout ArraySlice<UInt32>, in text: [UInt8]) throws(FileError) -> UInt32 {
        guard let next = rest.popFirst() else { throw malformed(text, "a backslash at its end") }
        return next
    }

    private static func malformed(_ text: [UInt8], _ what: String) -> FileError {
        FileError(.invalid, "the pattern '\(LocalPath(bytes: text))' has \(what) that makes no sense")
    }

    /// Goes back to the last star only: an earlier one never needs to take more. Time: the product of both lengths.
    private static func matches(_ elements: [Element], _ name: [UInt32]) -> Bool {
        var element = 0
        var position = 0
        var star: (element: Int, position: Int)?
        while position < name.count {
            if element < elements.count, elements[element] == .star {
                star = (element, position)
                element += 1
            } else if element < elements.count, elements[element].matches(name[position]) {
                element += 1
                position += 1
            } else if let last = star {
                star = (last.element, last.position + 1)
                element = last.element + 1
                position = last.position + 1
            } else {
                return false
            }
        }
        while element < elements.count, elements[element] == .star { element += 1 }
        return element == elements.count
    }
}

extension NamePattern.Element {
    func matches(_ scalar: UInt32) -> Bool {
        switch self {
        case .star: false
        case .one: true
        case .scalar(let value): value == scalar
        case .set(let ranges, let isNegated): ranges.contains { $0.contains(scalar) } != isNegated
        }
    }
}

/// Bytes as Unicode scalars. A byte of no scalar is itself, moved where no scalar is.
enum Scalars {
    private static let strayBytes: UInt32 = 0x11_0000

    static func all(of bytes: [UInt8]) -> [UInt32] {
        if bytes.allSatisfy({ $0 < 0x80 }) { return bytes.map(UInt32.init) }
        var scalars: [UInt32] = []
        scalars.reserveCapacity(bytes.count)
        var start = 0
        while start < bytes.count {
            if let (scalar, length) = first(bytes, start) {
                scalars.append(scalar)
                start += length
            } else {
                scalars.append(strayBytes + UInt32(bytes[start]))
                start += 1
            }
        }
        return scalars
    }

    static func bytes(of scalar: UInt32) -> [UInt8] {
        if scalar >= strayBytes { return [UInt8(truncatingIfNeeded: scalar - strayBytes)] }
        return Unicode.Scalar(scalar).map { Array(String($0).utf8) } ?? []
    }

    /// The scalar that begins at `start`, by the table of well-formed sequences. Source: The Unicode Standard, table 3-7.
    private static func first(_ bytes: [UInt8], _ start: Int) -> (UInt32, Int)? {
        let lead = bytes[start]
        let length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0
        guard length > 0, start + length <= bytes.count else { return nil }
        var value = length == 1 ? UInt32(lead) : UInt32(lead) & (0x7F >> UInt32(length))
        for byte in bytes[(start + 1)..<(start + length)] {
            guard byte & 0xC0 == 0x80 else { return nil }
            value = value << 6 | UInt32(byte & 0x3F)
        }
        let smallest: [UInt32] = [0, 0, 0x80, 0x800, 0x1_0000]
        guard value >= smallest[length], Unicode.Scalar(value) != nil else { return nil }
        return (value, length)
    }
}
