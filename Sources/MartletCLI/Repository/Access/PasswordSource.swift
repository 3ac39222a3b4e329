package import Basics

/// Where a repository's password comes from: a file, a program, a variable, a person.
struct PasswordSource: Sendable {
    /// The flags' names and those of the variables: the second repository of a command has others.
    struct Names: Sendable {
        var flagPrefix: String
        var variablePrefix: String

        static let own = Names(flagPrefix: "--", variablePrefix: "RESTIC_")
        static let from = Names(flagPrefix: "--from-", variablePrefix: "RESTIC_FROM_")
        /// The new password of `key add` and `key passwd`.
        static let new = Names(flagPrefix: "--new-", variablePrefix: "MARTLET_NEW_")
    }

    var file: String?
    var command: String?
    var names = Names.own

    /// The password. What comes from a file or a program loses a byte order mark and white space at its ends; a variable and
    /// what a person types are taken as they are.
    ///
    /// - Parameter question: asks a person, where there is one.
    /// - Throws: `.usage` if there is none, or it is empty.
    func password(_ context: CommandContext, question: String = "Password of the repository:") async throws -> Secret {
        let password = try await find(context, question)
        guard !password.isEmpty else {
            throw CommandError.usage(
                "the password is empty", advice: "Check the file, program or variable it comes from.")
        }
        return password
    }

    /// The password of something new: a person types it twice.
    func newPassword(_ context: CommandContext, question: String = "New password:") async throws -> Secret {
        let password = try await password(context, question: question)
        guard !isGiven(context) else { return password }
        guard context.console.askSecret("The same again:") == password.reveal() else {
            throw CommandError.usage("the two passwords differ", advice: "Nothing was changed; run the command again.")
        }
        return password
    }

    /// Whether nobody has to be asked.
    private func isGiven(_ context: CommandContext) -> Bool {
        let variables = ["PASSWORD_FILE", "PASSWORD_COMMAND", "PASSWORD"].map { names.variablePrefix + $0 }
        return file != nil || command != nil || variables.contains { context.environment[$0]?.isEmpty == false }
    }

    private func find(_ context: CommandContext, _ question: String) async throws -> Secret {
        let variables = context.environment
        func variable(_ name: String) -> String? {
            variables[names.variablePrefix + name].flatMap { $0.isEmpty ? nil : $0 }
        }
        if file != nil, command != nil {
            throw CommandError.usage(
                "\(names.flagPrefix)password-file and \(names.flagPrefix)password-command are both given; one is enough"
            )
        }
        if let file { return try read(file, context) }
        if let command { return try await run(command, context) }
        if let file = variable("PASSWORD_FILE") { return try read(file, context) }
        if let command = variable("PASSWORD_COMMAND") { return try await run(command, context) }
        if let text = variable("PASSWORD") { return Secret(text) }
        guard let typed = context.console.askSecret(question) else {
            throw CommandError.usage(
                "there is no password for the repository",
                advice: "Set \(names.variablePrefix)PASSWORD, or name a file with \(names.flagPrefix)password-file.")
        }
        return Secret(typed)
    }

    private func read(_ path: String, _ context: CommandContext) throws -> Secret {
        let bytes: [UInt8]?
        do {
            bytes = try context.repositoryHost.readFile(path)
        } catch {
            throw CommandError(.usage, "the password file '\(path)' cannot be read", cause: error)
        }
        guard let bytes else { throw CommandError.usage("there is no password file '\(path)'") }
        return try PasswordText.secret(bytes, from: "the password file '\(path)'")
    }

    private func run(_ command: String, _ context: CommandContext) async throws -> Secret {
        guard let words = ShellWords.split(command), !words.isEmpty else {
            throw CommandError.usage("the password command has a quotation mark that is not closed")
        }
        let result = try await context.repositoryHost.runProgram(words)
        guard result.exitCode == 0 else {
            throw CommandError(
                .usage, "the password command '\(words[0])' ended with exit code \(result.exitCode)",
                advice: result.errors.isEmpty ? [] : [String(result.errors.trimmed.prefix(200))])
        }
        return try PasswordText.secret(
            Array(result.output.reveal().utf8), from: "the output of the password command '\(words[0])'")
    }
}

/// The password in a file's bytes.
package enum PasswordText {
    /// UTF-8, or UTF-16 with its byte order mark; white space at the ends does not count.
    package static func secret(_ bytes: [UInt8], from place: String) throws(CommandError) -> Secret {
        let text: String?
        switch bytes.prefix(3) {
        case [0xEF, 0xBB, 0xBF]: text = String(validating: bytes.dropFirst(3), as: UTF8.self)
        case let start where start.starts(with: [0xFF, 0xFE]): text = utf16(bytes.dropFirst(2), isLittle: true)
        case let start where start.starts(with: [0xFE, 0xFF]): text = utf16(bytes.dropFirst(2), isLittle: false)
        default: text = String(validating: bytes, as: UTF8.self)
        }
        guard let text else { throw .usage("\(place) is no text") }
        return Secret(text.trimmed)
    }

    private static func utf16(_ bytes: ArraySlice<UInt8>, isLittle: Bool) -> String? {
        let all = Array(bytes)
        guard all.count.isMultiple(of: 2) else { return nil }
        let units = stride(from: 0, to: all.count, by: 2).map { index in
            isLittle
                ? UInt16(all[index]) | UInt16(all[index + 1]) << 8 : UInt16(all[index]) << 8 | UInt16(all[index + 1])
        }
        return String(validating: units, as: UTF16.self)
    }
}

/// Words of a command line, without a shell: blanks part them, quotes of both kinds and backslashes keep blanks.
package enum ShellWords {
    /// Nil if a quotation is not closed.
    package static func split(_ text: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var rest = text[...]
        while let character = rest.popFirst() {
            switch (quote, character) {
            case (nil, " "), (nil, "\t"), (nil, "\n"):
                if let ended = word { words.append(ended) }
                word = nil
            case (nil, "\""), (nil, "'"):
                quote = character
                word = word ?? ""
            case (let open?, _) where open == character: quote = nil
            case (nil, "\\"), ("\"", "\\"):
                guard let next = rest.popFirst() else { return nil }
                word = (word ?? "") + String(next)
            default: word = (word ?? "") + String(character)
            }
        }
        if let ended = word { words.append(ended) }
        return quote == nil ? words : nil
    }
}
