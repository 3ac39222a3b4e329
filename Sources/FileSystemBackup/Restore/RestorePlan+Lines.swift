package import ResticFormat

extension RestorePlan {
    /// One thing that the plan does, for people and for `--dry-run --json`.
    package struct Line: Sendable, Hashable {
        package enum Verb: String, Sendable {
            case create, update, replace, metadata, skip, link, delete
        }

        package let verb: Verb
        package let path: LocalPath
        package let kind: NodeKind
        /// In bytes; files only.
        package let size: UInt64
    }

    /// What the plan does, by path. Folders that stay are not among it unless their metadata is set. Memory: a line an item.
    package var lines: [Line] {
        var lines: [Line] = []
        for (place, folder) in folders.enumerated() {
            let path = LocalPath(bytes: [slash]).appending(folder: path(ofFolder: place))
            if folder.parent != nil {
                switch folder.action {
                case .create: lines.append(Line(verb: .create, path: path, kind: .directory, size: 0))
                case .replace: lines.append(Line(verb: .replace, path: path, kind: .directory, size: 0))
                case .keep where folder.node != nil:
                    lines.append(Line(verb: .metadata, path: path, kind: .directory, size: 0))
                case .keep: break
                }
            }
            for name in folder.deletions {
                lines.append(Line(verb: .delete, path: path.appending(name), kind: .unknown, size: 0))
            }
        }
        for item in items {
            lines.append(
                Line(verb: Line.Verb(item.action), path: path(of: item), kind: item.node.kind, size: item.node.size))
        }
        return lines.sorted { precedes($0.path.bytes, $1.path.bytes) }
    }
}

extension RestorePlan.Line.Verb {
    init(_ action: RestorePlan.ItemAction) {
        self =
            switch action {
            case .create: .create
            case .update: .update
            case .replace: .replace
            case .metadata: .metadata
            case .skip: .skip
            case .link: .link
            }
    }
}
