import ResticFormat

/// What happens to an item of a snapshot, given what is at its place. Pure.
struct OverwriteDecision {
    let overwrite: RestoreOptions.Overwrite

    /// - Parameter existing: nil if nothing is there.
    func action(for node: Node, existing: FileStatus?) -> RestorePlan.ItemAction {
        guard let existing else { return .create }
        switch overwrite {
        case .never: return .skip
        case .ifNewer where node.modified.instant <= NodeTime(existing.modified).instant: return .skip
        case .ifChanged where isTrusted(node, existing): return .metadata
        case .always, .ifChanged, .ifNewer: break
        }
        // Writing through another name of the file would change what lies elsewhere.
        return node.kind == .file && existing.kind == .file && existing.links == 1 ? .update : .replace
    }

    /// - Returns: nil if the folder cannot be: something else is there and may not be touched.
    func action(forFolder node: Node, existing: FileStatus?) -> RestorePlan.FolderAction? {
        guard let existing else { return .create }
        if existing.kind == .directory { return .keep }
        return overwrite == .never ? nil : .replace
    }

    /// Whether the metadata of a folder that exists is set.
    func setsMetadata(ofFolder node: Node, existing: FileStatus?) -> Bool {
        guard let existing, existing.kind == .directory else { return true }
        switch overwrite {
        case .always, .ifChanged: return true
        case .ifNewer: return node.modified.instant > NodeTime(existing.modified).instant
        case .never: return false
        }
    }

    private func isTrusted(_ node: Node, _ existing: FileStatus) -> Bool {
        node.kind == .file && existing.kind == .file && UInt64(existing.size) == node.size
            && NodeTime(existing.modified).instant == node.modified.instant
    }
}
