/// The kinds of files in a repository, and where they lie in it.
package enum FileKind: String, Sendable, Hashable, CaseIterable {
    case config, key, lock, snapshot, index, pack

    /// The folder with a slash at its end, relative to the repository; `config` has none.
    package var folder: String {
        switch self {
        case .config: ""
        case .key: "keys/"
        case .lock: "locks/"
        case .snapshot: "snapshots/"
        case .index: "index/"
        case .pack: "data/"
        }
    }

    /// Whether the stored bytes are sealed as a whole and, in version 2, compressed. Keys and the config are not
    /// compressed; packs are sealed blob by blob.
    package var isUnpacked: Bool {
        switch self {
        case .lock, .snapshot, .index: true
        case .config, .key, .pack: false
        }
    }

    /// The path of a file within the repository: `data/ab/abcd…`, `index/…`; the config has no id and is `config`.
    package func path(_ id: ResticID) -> String {
        switch self {
        case .config: "config"
        case .pack:
            folder + id.description.prefix(2) + "/" + id.description
        case .key, .lock, .snapshot, .index: folder + id.description
        }
    }

    /// The kind and id that `path` (relative to the repository) names; nil for anything else: temporary files, foreign
    /// files, packs in a folder that is not theirs. The config, which has no id, is nil too.
    package static func file(at path: some StringProtocol) -> (kind: FileKind, id: ResticID)? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard let folder = parts.first, let name = parts.last, let id = ResticID(name) else { return nil }
        guard let kind = allCases.first(where: { $0.folder == folder + "/" }) else { return nil }
        guard parts.count == (kind == .pack ? 3 : 2) else { return nil }
        return kind == .pack && parts[1] != name.prefix(2) ? nil : (kind, id)
    }
}
