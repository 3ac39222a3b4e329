import ArgumentParser

/// `martlet alias`: the noun of the verbs below.
struct AliasCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alias",
        abstract: "Give names to the servers of stores, with the keys to them.",
        discussion: """
            A name stands for a server and its keys: ALIAS/BUCKET/PREFIX is good wherever a store is asked
            for. Aliases are looked up in MC_HOST_ALIAS variables
            (SCHEME://ACCESS:SECRET[:TOKEN]@HOST[:PORT]), in the file that MC_CONFIG_ENV_FILE names, in
            Martlet's own file ($XDG_CONFIG_HOME/martlet/aliases.json, else in ~/.config), and in mc's
            (~/.mc/config.json, MC_CONFIG_DIR).

            Examples:
              martlet alias set backup https://s3.example.com
              martlet alias list
              martlet bucket ls backup
            """,
        subcommands: [AliasSetCommand.self, AliasListCommand.self, AliasRemoveCommand.self]
    )
}
