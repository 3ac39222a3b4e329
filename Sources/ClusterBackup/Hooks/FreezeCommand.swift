/// Knows commands that freeze a file system, and what undoes them. Pure.
///
/// A frozen file system stays frozen whatever becomes of the process that froze it, and every writer hangs. So these
/// commands are never run but together with a guard that undoes them: see `FreezeGuard`.
package enum FreezeCommand: Sendable, Hashable {
    /// `thaw` is the inverse, a program with its arguments.
    case freezes(thaw: [String])
    /// It does freeze something, but what is not to be read out of it.
    case unclear
    case other

    private static let programs: Set<String> = ["fsfreeze", "xfs_freeze"]
    private static let shells: Set<String> = ["sh", "bash", "ash", "dash", "busybox", "ksh", "zsh"]
    private static let inverse = ["--freeze": "--unfreeze", "-f": "-u"]

    package init(_ command: [String]) {
        if let script = FreezeCommand.script(of: command) {
            self = FreezeCommand.read(script, shell: Array(command.prefix { $0 != script }))
            return
        }
        guard let program = command.firstIndex(where: { FreezeCommand.programs.contains(FreezeCommand.base($0)) })
        else {
            self = .other
            return
        }
        var thaw = command
        var hasFlag = false
        for index in command.indices[(program + 1)...] {
            guard let flag = FreezeCommand.inverse[command[index]] else { continue }
            thaw[index] = flag
            hasFlag = true
        }
        self = hasFlag ? .freezes(thaw: thaw) : .other
    }

    /// Whether `command` is one that undoes a freeze.
    package static func isThaw(_ command: [String]) -> Bool {
        let text = command.joined(separator: " ")
        return programs.contains { text.contains($0) } && (text.contains("--unfreeze") || text.contains(" -u"))
    }

    /// Whether `command` does nothing but undo a freeze: the program, the flag, a path.
    static func isPlainThaw(_ command: [String]) -> Bool {
        guard command.count == 3, programs.contains(base(command[0])) else { return false }
        return command[1] == "--unfreeze" || command[1] == "-u"
    }

    /// What a shell is told to run.
    static func script(of command: [String]) -> String? {
        guard let first = command.first, shells.contains(base(first)),
            let flag = command.firstIndex(where: { $0.hasPrefix("-") && !$0.hasPrefix("--") && $0.contains("c") }),
            flag + 1 < command.count
        else { return nil }
        return command[flag + 1]
    }

    private static func base(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    /// Every freeze in a script, undone one after the other, each whatever became of the others.
    private static func read(_ script: String, shell: [String]) -> FreezeCommand {
        guard programs.contains(where: { script.contains($0) }) else { return .other }
        // Anything beyond plain words cannot be taken apart by looking at it.
        let marks: Set<Character> = [";", "&", "|", "\n"]
        var thaws: [String] = []
        var isFreezing = false
        for part in script.split(whereSeparator: { marks.contains($0) }) {
            let words = part.split(separator: " ").map(String.init)
            guard let program = words.firstIndex(where: { programs.contains(base($0)) }) else { continue }
            let rest = words[program...]
            guard rest.contains(where: { inverse[$0] != nil }) else { continue }
            isFreezing = true
            let simple = rest.allSatisfy { word in !word.contains { "$`\\'\"(){}<>*?".contains($0) } }
            guard simple else { return .unclear }
            thaws.append(rest.map { inverse[$0] ?? $0 }.joined(separator: " "))
        }
        guard isFreezing else {
            return script.contains("--freeze") || script.contains("freeze -f") ? .unclear : .other
        }
        // The last failure is the whole's: an early one does not keep the others from being undone.
        let undo = thaws.count == 1 ? thaws[0] : "e=0; " + thaws.map { "\($0) || e=1; " }.joined() + "exit $e"
        return .freezes(thaw: shell + [undo])
    }
}
