/// Poly1305 by the book, with numbers of one byte a digit: slow, and too simple to share a mistake with the kernels.
enum IndependentPoly1305 {
    static func mac(_ message: [UInt8], r: [UInt8], pad: [UInt8]) -> [UInt8] {
        var clamped = r.map(Int.init)
        for place in [3, 7, 11, 15] { clamped[place] &= 0x0F }
        for place in [4, 8, 12] { clamped[place] &= 0xFC }
        var sum = [Int](repeating: 0, count: 17)
        for start in stride(from: 0, to: message.count, by: 16) {
            let block = message[start..<min(start + 16, message.count)].map(Int.init) + [1]
            for place in block.indices { sum[place] += block[place] }
            sum = reduced(product(sum, clamped))
        }
        return padded(least(sum), pad)
    }

    private static func product(_ a: [Int], _ b: [Int]) -> [Int] {
        var digits = [Int](repeating: 0, count: a.count + b.count + 2)
        for i in a.indices { for j in b.indices { digits[i + j] += a[i] * b[j] } }
        return carried(digits)
    }

    /// Digits of one byte each; the last one takes what is left.
    private static func carried(_ digits: [Int]) -> [Int] {
        var digits = digits
        for place in digits.indices.dropLast() {
            digits[place + 1] += digits[place] >> 8
            digits[place] &= 0xFF
        }
        return digits
    }

    /// Below 2^130 and a little: what lies above counts five times at the bottom.
    private static func reduced(_ number: [Int]) -> [Int] {
        var digits = carried(number)
        while digits[16...].dropFirst().contains(where: { $0 > 0 }) || digits[16] > 3 {
            let low = Array(digits[..<16]) + [digits[16] & 3]
            // (number >> 130) * 5
            var high: [Int] = []
            for place in 16..<digits.count {
                let next = place + 1 < digits.count ? digits[place + 1] : 0
                high.append(5 * (digits[place] >> 2 | (next & 3) << 6))
            }
            var total = [Int](repeating: 0, count: max(low.count, high.count) + 2)
            for place in low.indices { total[place] += low[place] }
            for place in high.indices { total[place] += high[place] }
            digits = carried(total)
        }
        return Array(digits[..<17])
    }

    /// The number itself, or less the modulus if it is not below it.
    private static func least(_ number: [Int]) -> [Int] {
        var plusFive = number
        plusFive[0] += 5
        plusFive = carried(plusFive)
        guard plusFive[16] > 3 else { return number }
        plusFive[16] -= 4
        return plusFive
    }

    private static func padded(_ number: [Int], _ pad: [UInt8]) -> [UInt8] {
        var digits = Array(number[..<16])
        for place in digits.indices { digits[place] += Int(pad[place]) }
        return carried(digits).map { UInt8(truncatingIfNeeded: $0) }
    }
}
