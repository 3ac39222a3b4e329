import Basics
import Synchronization

/// Where a command's text goes: results to `output`, everything else to `messages`. Safe to call from any task.
///
/// Once the reader of a stream has gone (`martlet backup logs x | head`), what is written to it is dropped without a word.
package final class Console: Sendable {
    package struct Stream: Sendable {
        /// Returns false once nobody reads any more.
        package let write: @Sendable ([UInt8]) -> Bool
        package let isTerminal: Bool
        /// Columns of the terminal.
        package let width: Int

        package init(isTerminal: Bool = false, width: Int = 80, write: @escaping @Sendable ([UInt8]) -> Bool) {
            self.write = write
            self.isTerminal = isTerminal
            self.width = width
        }
    }

    private struct State {
        var outputIsClosed = false
        var messagesAreClosed = false
        var showsTransientLine = false
    }

    package let output: Stream
    package let messages: Stream
    /// Reads one line from a person; nil where nobody can be asked.
    private let readAnswer: (@Sendable () -> String?)?
    /// Reads one line of standard input, whoever writes it; what a person types is not shown if the argument is true.
    private let readInput: (@Sendable (_ hides: Bool) -> String?)?
    private let state = Mutex(State())

    package init(
        output: Stream, messages: Stream, readAnswer: (@Sendable () -> String?)? = nil,
        readInput: (@Sendable (_ hides: Bool) -> String?)? = nil
    ) {
        self.output = output
        self.messages = messages
        self.readAnswer = readAnswer
        self.readInput = readInput
    }

    /// Whether writing results has become pointless.
    package var outputIsClosed: Bool { state.withLock(\.outputIsClosed) }

    /// Writes results as they are.
    package func write(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        state.withLock { state in
            clearTransientLine(&state)
            guard !state.outputIsClosed else { return }
            state.outputIsClosed = !output.write(bytes)
        }
    }

    package func write(_ text: String) { write(Array(text.utf8)) }

    /// Writes a line of results.
    package func line(_ text: String) { write(text + "\n") }

    /// Writes a line beside the results: a remark, a warning, an error.
    package func note(_ text: String) {
        state.withLock { state in
            clearTransientLine(&state)
            send(text + "\n", &state)
        }
    }

    /// Shows a line that the next one replaces; on a terminal only. Cut to the terminal's width.
    package func showTransient(_ text: String) {
        guard messages.isTerminal else { return }
        state.withLock { state in
            clearTransientLine(&state)
            send(String(text.prefix(max(1, messages.width - 1))), &state)
            state.showsTransientLine = true
        }
    }

    package func clearTransient() {
        state.withLock { clearTransientLine(&$0) }
    }

    /// Asks a person; nil where nobody can be asked, or nothing was answered.
    package func ask(_ question: String) -> String? {
        guard let readAnswer, messages.isTerminal else { return nil }
        state.withLock { state in
            clearTransientLine(&state)
            send(question + " ", &state)
        }
        return readAnswer()
    }

    /// A line from a person, who is asked for it, or from a program that writes to our standard input. Nil at its end.
    package func askLine(_ question: String) -> String? { input(question, hides: false) }

    /// The same, and what is typed is not shown.
    package func askSecret(_ question: String) -> String? { input(question, hides: true) }

    private func input(_ question: String, hides: Bool) -> String? {
        guard let readInput else { return nil }
        let isAsked = readAnswer != nil && messages.isTerminal
        if isAsked {
            state.withLock { state in
                clearTransientLine(&state)
                send(question + " ", &state)
            }
        }
        let answer = readInput(hides)
        if isAsked, hides { note("") }
        return answer
    }

    private func send(_ text: String, _ state: inout State) {
        guard !state.messagesAreClosed else { return }
        state.messagesAreClosed = !messages.write(Array(text.utf8))
    }

    private func clearTransientLine(_ state: inout State) {
        guard state.showsTransientLine else { return }
        state.showsTransientLine = false
        send("\r\u{1B}[K", &state)  // Back to the line's start, and erase it. Source: ECMA-48, EL.
    }
}
