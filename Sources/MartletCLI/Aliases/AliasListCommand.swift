import ArgumentParser
import Basics
import KubernetesModel

struct AliasListCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the aliases, without their secrets.",
        discussion: """
            Examples:
              martlet alias list
              martlet alias list backup -o json
            """
    )

    @Argument(help: "Only these.")
    var names: [String] = []

    @OptionGroup var output: PlainOutputOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let entries = names.isEmpty ? try context.aliases.entries() : try names.map { try context.aliases.required($0) }
        if output.isJSON {
            for entry in entries { context.console.line(String(decoding: json(entry).serialized(), as: UTF8.self)) }
            return .done
        }
        guard !entries.isEmpty else {
            context.console.note("There are no aliases; make one with 'martlet alias set NAME https://HOST:PORT'.")
            return .done
        }
        var table = Table(["ALIAS", "URL", "ACCESS KEY", "PATH", "FROM"])
        for entry in entries {
            table.append([
                entry.name, entry.alias.url, entry.alias.accessKey, entry.alias.addressing.rawValue, entry.origin.text,
            ])
        }
        context.console.write(table.text())
        return .done
    }

    private func json(_ entry: AliasBook.Entry) -> JSONValue {
        [
            "status": "success", "alias": .string(entry.name), "URL": .string(entry.alias.url),
            "accessKey": .string(entry.alias.accessKey), "api": "S3v4",
            "path": .string(entry.alias.addressing.rawValue), "src": .string(entry.origin.text),
        ]
    }
}
