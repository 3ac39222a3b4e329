/// An error that another error led to. `description` is one line without the cause; `ErrorChain` prints both.
package protocol CausedError: Error, CustomStringConvertible {
    var cause: (any Error)? { get }
}

/// The one printer of nested errors: each link once, outermost first.
package enum ErrorChain {
    /// The descriptions of `error` and of what caused it, at most 16 deep, repeated lines left out.
    package static func lines(_ error: any Error) -> [String] {
        var lines: [String] = []
        var current: (any Error)? = error
        while let link = current, lines.count < 16 {
            let line = String(describing: link)
            if lines.last != line { lines.append(line) }
            current = (link as? any CausedError)?.cause
        }
        return lines
    }

    /// One line: `outer: inner: innermost`.
    package static func line(_ error: any Error) -> String {
        lines(error).joined(separator: ": ")
    }
}
