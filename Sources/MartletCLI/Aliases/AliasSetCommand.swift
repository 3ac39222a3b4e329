import ArgumentParser
import Basics
import ObjectStorage

struct AliasSetCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Make an alias, or change it.",
        discussion: """
            Keys that are not on the command line are asked for, without showing the secret; where nobody
            can be asked they are read from standard input, a line each. Command lines are seen by others
            and kept in histories. 'martlet config host add' is mc's older name of this command.

            Examples:
              martlet alias set backup https://s3.example.com
              martlet alias set local http://minio:9000 radar "$SECRET" --api S3v4 --path auto
              printf '%s\\n%s\\n' "$ACCESS" "$SECRET" | martlet alias set backup https://s3.example.com
            """
    )

    @Argument(help: "The alias: a letter, then letters, digits, '-' and '_'.")
    var name: String

    @Argument(help: "The server: http://HOST[:PORT] or https://HOST[:PORT].")
    var url: String

    @Argument(help: "The access key.")
    var accessKey: String?

    @Argument(help: "The secret key.")
    var secretKey: String?

    @Flag(help: "Take the keys from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.")
    var keysFromEnvironment = false

    @Option(help: ArgumentHelp("How requests are signed; S3v4 is the only one.", valueName: "S3v4"))
    var api = "S3v4"

    @Option(
        name: [.customLong("path"), .customLong("lookup")],
        help: ArgumentHelp("Whether the bucket stands in the path.", valueName: "auto|on|off"))
    var path = "auto"

    @Flag(help: "Do not ask the server whether it accepts the keys.")
    var noCheck = false

    func run(in context: CommandContext) async throws -> ExitStatus {
        guard StoreAlias.isName(name) else {
            throw CommandError.usage(
                "'\(name)' cannot be an alias", advice: "It begins with a letter and has letters, digits, '-' and '_'.")
        }
        guard api.lowercased() == "s3v4" else {
            throw CommandError.usage(
                "'--api \(api)' is not offered", advice: "Signature version 2 was retired; use '--api S3v4'.")
        }
        let alias = try alias(in: context)
        if !noCheck { try await check(alias, context) }
        let hidden = try context.aliases.entry(name)
        try context.aliases.change { $0.set(name, alias) }
        context.console.line("Alias \"\(name)\" set: \(alias.url)")
        if case .environment(let variable)? = hidden?.origin {
            context.console.note("warning: \(variable) is set and is used instead")
        }
        return .done
    }

    private func alias(in context: CommandContext) throws(CommandError) -> StoreAlias {
        let url = self.url.hasSuffix("/") ? String(self.url.dropLast()) : self.url
        if let fault = StoreAlias.fault(inURL: url) {
            throw .usage("the URL of the alias is wrong: \(fault)", advice: "Write it like https://s3.example.com:9000")
        }
        guard let addressing = StoreAlias.Addressing(word: path) else {
            throw .usage("'--path' is auto, on or off, not '\(path)'")
        }
        var alias = StoreAlias(url: url, accessKey: "", secretKey: Secret(""), addressing: addressing)
        if keysFromEnvironment {
            alias.accessKey = context.environment["AWS_ACCESS_KEY_ID"] ?? ""
            alias.secretKey = Secret(context.environment["AWS_SECRET_ACCESS_KEY"] ?? "")
            alias.sessionToken = context.environment["AWS_SESSION_TOKEN"].flatMap { $0.isEmpty ? nil : Secret($0) }
        } else {
            alias.accessKey = accessKey ?? context.console.askLine("Access key:") ?? ""
            alias.secretKey = Secret(secretKey ?? context.console.askSecret("Secret key:") ?? "")
        }
        if let fault = alias.faultInKeys {
            throw .usage(
                fault, advice: "Give them behind the URL, through standard input, or with --keys-from-environment.")
        }
        return alias
    }

    /// Asks for the list of buckets: "you may not" says that the keys are known.
    private func check(_ alias: StoreAlias, _ context: CommandContext) async throws {
        let server = StoreURL.S3Bucket(bucket: "", alias: name)
        do {
            _ = try await context.stores(knowing: [name: alias]).server(server).list()
        } catch let error as StoreError where error.code == .forbidden {
            return
        }
    }
}
