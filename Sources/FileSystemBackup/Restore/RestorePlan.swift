package import ResticFormat

/// What a restore would do, folder by folder. Made by `RestorePlanner`, printed by `--dry-run`, carried out by `Restore`.
///
/// Memory: about half a kilobyte an item, and 32 bytes a blob of its content.
package struct RestorePlan: Sendable {
    package enum FolderAction: Sendable, Hashable {
        case create
        /// It is there.
        case keep
        /// Something else is there and gives way.
        case replace
    }

    package enum ItemAction: Sendable, Hashable {
        /// Nothing is there.
        case create
        /// A file is there; its content is compared, what differs is written.
        case update
        /// Something else is there and gives way.
        case replace
        /// The content is trusted to be right; metadata is set.
        case metadata
        /// What is there stays as it is.
        case skip
        /// Becomes another name of a file that is restored before it, by the place of that file in `items`.
        case link(to: Int)
    }

    package struct Folder: Sendable {
        /// The place of the folder that it lies in; nil for the target itself.
        package let parent: Int?
        /// Empty for the target itself.
        package let name: [UInt8]
        /// Nil for the target itself, and for a folder that is only on the way to what is selected: its metadata is not restored.
        package let node: Node?
        package let action: FolderAction
        /// Names that are removed, with all that is in them.
        package var deletions: [[UInt8]] = []
    }

    package struct Item: Sendable {
        /// The place in `folders` of the folder that it lies in.
        package let folder: Int
        package let node: Node
        package let action: ItemAction
    }

    /// Parents before their children; the target itself first.
    package internal(set) var folders: [Folder] = []
    /// Everything but folders.
    package internal(set) var items: [Item] = []
    /// What cannot be restored, and why.
    package internal(set) var problems: [ItemProblem] = []

    package init() {}

    /// The names from the target to `folder`.
    package func path(ofFolder folder: Int) -> [[UInt8]] {
        var names: [[UInt8]] = []
        var place: Int? = folder
        while let current = place, folders[current].parent != nil {
            names.append(folders[current].name)
            place = folders[current].parent
        }
        return names.reversed()
    }

    /// As in a snapshot: `/folder/file`.
    package func path(of item: Item) -> LocalPath {
        LocalPath(bytes: [slash]).appending(folder: path(ofFolder: item.folder)).appending(item.node.name.bytes)
    }

    /// The bytes of all files that are written or compared.
    package var contentBytes: UInt64 {
        items.reduce(0) { sum, item in
            switch item.action {
            case .create, .update, .replace: item.node.kind == .file ? sum &+ item.node.size : sum
            case .metadata, .skip, .link: sum
            }
        }
    }
}

/// An item that could not be backed up or restored.
package struct ItemProblem: Sendable, CustomStringConvertible {
    package let path: LocalPath
    package let error: FileError

    package init(_ path: LocalPath, _ error: FileError) {
        self.path = path
        self.error = error
    }

    package var description: String { "\(path): \(error)" }
}

extension LocalPath {
    package func appending(folder names: [[UInt8]]) -> LocalPath {
        names.reduce(self) { $0.appending($1) }
    }
}
