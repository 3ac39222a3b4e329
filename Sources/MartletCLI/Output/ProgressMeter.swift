package import Basics

/// Turns counts and times into a line on how far, how fast and how long still. No clock and no terminal.
package struct ProgressMeter: Sendable {
    /// `backing up`, `restoring`: how the line begins.
    package let verb: String
    /// What is counted, in the plural.
    package let unit: String

    package init(verb: String, unit: String) {
        self.verb = verb
        self.unit = unit
    }

    /// - Parameters:
    ///   - total: nil while it is unknown; the rest is then not guessed.
    ///   - elapsed: since the work began; the rate is the average over it.
    package func line(done: Int, total: Int?, bytes: ByteCount? = nil, elapsed: Duration) -> String {
        var line = "\(verb): \(grouped(done))"
        if let total { line += " of \(grouped(total))" }
        line += " \(unit)"
        if let bytes { line += ", \(bytes)" }
        guard let rate = rate(done, elapsed) else { return line }
        line += ", \(grouped(rate))/s"
        if let total, total > done, rate > 0 {
            line += ", \(HumanTime.age(.seconds((total - done + rate - 1) / rate))) left"
        }
        return line
    }

    /// Per second, once a second has passed: earlier figures only jump.
    private func rate(_ done: Int, _ elapsed: Duration) -> Int? {
        let (seconds, attoseconds) = elapsed.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        guard milliseconds >= 1000 else { return nil }
        return Int(Int64(done) * 1000 / milliseconds)
    }
}
