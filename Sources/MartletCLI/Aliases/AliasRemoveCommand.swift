import ArgumentParser
import Basics

struct AliasRemoveCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove aliases from Martlet's own file.",
        discussion: """
            What lies in the stores is not touched.

            Example:
              martlet alias remove backup
            """
    )

    @Argument(help: "The aliases.")
    var names: [String]

    func run(in context: CommandContext) async throws -> ExitStatus {
        let own = context.aliases.ownPath.map { AliasBook.Origin.file(path: $0) }
        for name in names {
            let wasThere = try context.aliases.change { $0.remove(name) }
            guard !wasThere else {
                context.console.line("Alias \"\(name)\" removed.")
                continue
            }
            let entry = try context.aliases.required(name)
            throw CommandError(
                .notFound, "the alias '\(name)' is not in Martlet's own file but in \(entry.origin.text)",
                advice: [own.map { "Remove it there; \($0.text) is Martlet's." } ?? "Remove it there."])
        }
        return .done
    }
}
