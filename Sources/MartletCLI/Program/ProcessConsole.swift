import Glibc

extension Console {
    /// The standard streams of this process.
    static func standard(environment: [String: String]) -> Console {
        let canAsk = isatty(0) == 1
        return Console(
            output: .descriptor(1, environment: environment), messages: .descriptor(2, environment: environment),
            readAnswer: canAsk ? { @Sendable in readLine() } : nil,
            readInput: { hides in hides && canAsk ? readHiddenLine() : readLine() })
    }
}

/// A line of the terminal that is not shown while it is typed.
private func readHiddenLine() -> String? {
    var settings = termios()
    guard tcgetattr(0, &settings) == 0 else { return readLine() }
    let shown = settings
    settings.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(0, TCSAFLUSH, &settings)
    defer {
        var shown = shown
        tcsetattr(0, TCSAFLUSH, &shown)
    }
    return readLine()
}

extension Console.Stream {
    fileprivate static func descriptor(_ descriptor: Int32, environment: [String: String]) -> Console.Stream {
        // A dumb terminal cannot erase a line; progress is then written as to a file.
        let isTerminal = isatty(descriptor) == 1 && environment["TERM"] != "dumb"
        return Console.Stream(isTerminal: isTerminal, width: isTerminal ? columns(of: descriptor) : 80) { bytes in
            writeAll(bytes, to: descriptor)
        }
    }

    private static func columns(of descriptor: Int32) -> Int {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}

/// False once nobody reads any more, or the disk behind the stream is full.
private func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var start = 0
    while start < bytes.count {
        let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + start, bytes.count - start) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        start += count
    }
    return true
}
