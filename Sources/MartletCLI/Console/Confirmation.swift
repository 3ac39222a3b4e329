/// Asks before something is destroyed.
package enum Confirmation {
    /// Returns if the person agrees: by `--yes`, or by typing `yes` on a terminal.
    ///
    /// - Parameter question: says what will be gone, with the count.
    /// - Throws: `.usage` where nobody can be asked and `--yes` was not given; `.failed` for any other answer.
    package static func obtain(_ question: String, saidYes: Bool, console: Console) throws(CommandError) {
        if saidYes { return }
        guard console.messages.isTerminal, let answer = console.ask("\(question) Type 'yes' to go on:") else {
            throw .usage("\(question) Nobody can be asked here.", advice: "Say --yes if that is wanted.")
        }
        guard ["yes", "y"].contains(answer.trimmed.lowercased()) else {
            throw CommandError(.failed, "not confirmed; nothing was changed")
        }
    }
}

extension String {
    /// Without blanks and line breaks at its ends.
    var trimmed: String {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
