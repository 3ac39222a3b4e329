import KubernetesModel

/// Random documents, the same for the same generator.
struct RandomJSON<Generator: RandomNumberGenerator> {
    var generator: Generator

    mutating func value(depth: Int = 5) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return .number(number())
        case 3, 4: return .string(text())
        case 5: return .array((0..<Int.random(in: 0..<5, using: &generator)).map { _ in value(depth: depth - 1) })
        default: return object(depth: depth)
        }
    }

    mutating func object(depth: Int = 5) -> JSONValue {
        var members: [String: JSONValue] = [:]
        for _ in 0..<Int.random(in: 0..<6, using: &generator) { members[text()] = value(depth: depth - 1) }
        return .object(members)
    }

    mutating func number() -> JSONNumber {
        let spellings = [
            "0", "-0", "1.0", "1e3", "18446744073709551615", "-12.50E-7", "123456789012345678901234567890",
        ]
        if Bool.random(using: &generator), let spelling = spellings.randomElement(using: &generator),
            case .number(let number)? = try? JSONValue(parsing: spelling)  // All of them are numbers.
        {
            return number
        }
        return JSONNumber(Int64.random(in: .min ... .max, using: &generator))
    }

    mutating func text() -> String {
        let alphabet: [Unicode.Scalar] = [
            "a", "b", "/", "~", "\"", "\\", "\n", "\t", "\u{0}", "\u{1F}", "é", "\u{FFFD}", "😀", "\u{2028}", " ", ".",
        ]
        var text = ""
        for _ in 0..<Int.random(in: 0..<8, using: &generator) {
            text.unicodeScalars.append(alphabet.randomElement(using: &generator) ?? "x")
        }
        return text
    }
}
