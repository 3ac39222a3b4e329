/// How the flags and the variables name a repository.
struct RepositoryNaming: Sendable {
    let place: String?
    let file: String?
    let flag: String
    let fileFlag: String
    /// The same with `_FILE` behind it names a file that names the repository.
    let variable: String

    /// Flags before variables.
    /// - Throws: `.usage`
    func location(_ context: CommandContext) throws -> StoreURL {
        if place != nil, file != nil {
            throw CommandError.usage("\(flag) and \(fileFlag) are both given; one is enough")
        }
        if let place { return try RepositoryLocation.parse(place) }
        if let file { return try location(inFile: file, context) }
        if let text = context.environment[variable], !text.isEmpty { return try RepositoryLocation.parse(text) }
        if let file = context.environment[variable + "_FILE"], !file.isEmpty {
            return try location(inFile: file, context)
        }
        throw CommandError.usage(
            flag == "--repo" ? "no repository was named" : "the other repository was not named",
            advice:
                "Name it with \(flag) or in \(variable): '/DIR', 's3://BUCKET/PREFIX?endpoint=https://HOST:PORT'.")
    }

    private func location(inFile path: String, _ context: CommandContext) throws -> StoreURL {
        guard let bytes = try context.repositoryHost.readFile(path) else {
            throw CommandError.usage("there is no file '\(path)' that could name the repository")
        }
        return try RepositoryLocation.parse(String(decoding: bytes, as: UTF8.self).trimmed)
    }
}
