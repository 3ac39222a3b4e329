import Basics

/// All aliases of whoever runs the program. Looked up in this order: `MC_HOST_ALIAS` in the environment, the same in the
/// file that `MC_CONFIG_ENV_FILE` names, Martlet's own file, mc's `config.json`.
package struct AliasBook: Sendable {
    /// Where an alias was found.
    package enum Origin: Sendable, Hashable {
        case environment(variable: String)
        case file(path: String)
        /// Said by the command's own configuration.
        case command

        package var text: String {
            switch self {
            case .environment(let variable): variable
            case .file(let path): path
            case .command: "the command's configuration"
            }
        }
    }

    package struct Entry: Sendable, Hashable {
        package let name: String
        package let alias: StoreAlias
        package let origin: Origin
    }

    private let environment: [String: String]
    private let files: ConfigurationFiles
    /// Found before all others.
    private let added: [String: StoreAlias]

    package init(
        environment: [String: String], files: ConfigurationFiles, adding added: [String: StoreAlias] = [:]
    ) {
        self.environment = environment
        self.files = files
        self.added = added
    }

    /// The same aliases, and these before them.
    package func adding(_ aliases: [String: StoreAlias]) -> AliasBook {
        AliasBook(environment: environment, files: files, adding: added.merging(aliases) { $1 })
    }

    /// A small file of configuration beside the aliases; nil if there is none.
    func read(_ path: String) throws -> [UInt8]? { try files.read(path) }

    /// Martlet's own file: `aliases.json` in `$XDG_CONFIG_HOME/martlet`, else in `~/.config/martlet`. Nil without a home.
    package var ownPath: String? {
        if let base = value("XDG_CONFIG_HOME") { return "\(base)/martlet/aliases.json" }
        return value("HOME").map { "\($0)/.config/martlet/aliases.json" }
    }

    /// mc's file: `config.json` in `MC_CONFIG_DIR`, else in `~/.mc`.
    var mcPath: String? { mcFolder.map { "\($0)/config.json" } }

    /// Where mc keeps certificates of authorities to trust beside the system's.
    var authorityFolder: String? { mcFolder.map { "\($0)/certs/CAs" } }

    private var mcFolder: String? { value("MC_CONFIG_DIR") ?? value("HOME").map { "\($0)/.mc" } }

    /// The alias of that name, nil if there is none.
    ///
    /// - Throws: `.usage` for a variable or a file that cannot be read.
    package func entry(_ name: String) throws(CommandError) -> Entry? {
        guard StoreAlias.isName(name) else { return nil }
        if let alias = added[name] { return Entry(name: name, alias: alias, origin: .command) }
        let variable = HostVariable.prefix + name
        if let text = try variables()[variable] { return try entry(variable: variable, text) }
        for path in [ownPath, mcPath].compactMap(\.self) {
            if let alias = try file(path).aliases[name] {
                return Entry(name: name, alias: alias, origin: .file(path: path))
            }
        }
        return nil
    }

    /// All of them in the order of their names; one that is hidden by another of the same name is left out.
    package func entries() throws(CommandError) -> [Entry] {
        var found: [String: Entry] = [:]
        for path in [mcPath, ownPath].compactMap(\.self) {
            for (name, alias) in try file(path).aliases {
                found[name] = Entry(name: name, alias: alias, origin: .file(path: path))
            }
        }
        for (variable, text) in try variables() {
            let entry = try entry(variable: variable, text)
            found[entry.name] = entry
        }
        for (name, alias) in added { found[name] = Entry(name: name, alias: alias, origin: .command) }
        return found.values.sorted { $0.name < $1.name }
    }

    /// The alias, or what is wrong and which was probably meant.
    package func required(_ name: String) throws(CommandError) -> Entry {
        if let entry = try entry(name) { return entry }
        let names = try entries().map(\.name)
        throw CommandError(
            .usage, "there is no alias '\(name)'." + Suggestion.sentence(for: name, in: names),
            advice: [
                names.isEmpty
                    ? "Make one: 'martlet alias set \(name) https://HOST:PORT'"
                    : "There are: \(names.joined(separator: ", ")). Make another with 'martlet alias set'."
            ])
    }

    /// Changes Martlet's own file.
    ///
    /// - Throws: `.usage` if it cannot be read, or there is no home to keep it in; `.failed` if it cannot be written.
    func change<Result>(_ body: (inout AliasFile) throws(CommandError) -> Result) throws(CommandError) -> Result {
        guard let path = ownPath else {
            throw .usage("there is no place for aliases", advice: "Set HOME or XDG_CONFIG_HOME.")
        }
        var file = try file(path)
        let result = try body(&file)
        do {
            try files.write(path, file.bytes)
        } catch {
            throw CommandError(.failed, "cannot write '\(path)'", cause: error)
        }
        return result
    }

    private func file(_ path: String) throws(CommandError) -> AliasFile {
        do {
            guard let bytes = try files.read(path) else { return AliasFile() }
            return try AliasFile(parsing: bytes)
        } catch {
            throw CommandError(
                .usage, "the aliases in '\(path)' cannot be read",
                advice: ["Mend the file, or move it away and make the aliases anew with 'martlet alias set'."],
                cause: error)
        }
    }

    private func entry(variable: String, _ text: String) throws(CommandError) -> Entry {
        guard let alias = HostVariable.parse(text) else {
            throw .usage(
                "the variable \(variable) is no alias",
                advice: "Write it as SCHEME://ACCESS:SECRET@HOST:PORT, without a path; nothing in it is decoded.")
        }
        return Entry(
            name: String(variable.dropFirst(HostVariable.prefix.count)), alias: alias,
            origin: .environment(variable: variable))
    }

    /// Every `MC_HOST_…`; those of the process itself win over the file's.
    private func variables() throws(CommandError) -> [String: String] {
        var variables: [String: String] = [:]
        if let path = value("MC_CONFIG_ENV_FILE") {
            do {
                guard let bytes = try files.read(path) else {
                    throw CommandError.usage("there is no file '\(path)', which MC_CONFIG_ENV_FILE names")
                }
                variables = HostVariable.lines(bytes)
            } catch let error as CommandError {
                throw error
            } catch {
                throw CommandError(.usage, "'\(path)', which MC_CONFIG_ENV_FILE names, cannot be read", cause: error)
            }
        }
        for (name, value) in environment where name.hasPrefix(HostVariable.prefix) && !value.isEmpty {
            variables[name] = value
        }
        return variables
    }

    private func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
}
