import Glibc

/// Walks a folder's objects in the order of their keys, from any place, and can stop after every page.
///
/// Memory: at most `batch` names of each folder between the root and the place where the walk is, about 6 MB for a full
/// one. A larger folder is read again for each batch. What appears or goes while the walk is under way may be listed or
/// not; everything else is listed exactly once.
struct FolderWalker: Sendable {
    /// A folder that the walk is in: `text` is the part of the key that it stands for, with the last slash.
    private struct Level {
        let text: String
        let folder: Descriptor
        var names: ArraySlice<FolderEntry>
        /// The last name of the batch, if the folder has more.
        var moreAfter: FolderEntry?
    }

    private let request: ListRequest
    private let batch: Int
    private var cursor: ListCursor
    private var levels: [Level] = []
    /// Found while looking whether there is a next page.
    private var pending: Item?

    private enum Item {
        case object(ObjectInfo)
        case prefix(String)
    }

    init(tree: FolderTree, request: ListRequest, cursor: ListCursor, batch: Int = 65_536) throws(SystemError) {
        self.request = request
        self.cursor = cursor
        self.batch = batch
        guard let (names, text) = FolderPath.folders(of: request.prefix) else { return }
        do {
            try enter(tree.open(names), text: text)
        } catch let error where SystemError.noSuchFile.contains(error.number) {
            // Nothing lies beneath a folder that is not there.
        }
    }

    mutating func page(size: Int) throws(SystemError) -> ListPage {
        var page = ListPage(objects: [])
        while let item = try nextItem() {
            guard page.objects.count + page.commonPrefixes.count < size else {
                pending = item
                page.nextToken = cursorBefore?.token
                return page
            }
            switch item {
            case .object(let info):
                page.objects.append(info)
                cursorBefore = .afterKey(info.key.text)
            case .prefix(let prefix):
                page.commonPrefixes.append(prefix)
                cursorBefore = .afterPrefix(prefix)
            }
        }
        return page
    }

    /// Where a listing goes on that gave out everything but `pending`.
    private var cursorBefore: ListCursor?

    private mutating func nextItem() throws(SystemError) -> Item? {
        guard let item = pending else { return try next() }
        pending = nil
        return item
    }

    private mutating func next() throws(SystemError) -> Item? {
        while let entry = try nextEntry() {
            let level = levels[levels.count - 1]
            let text = level.text + entry.segment
            if entry.isFolder {
                guard mayContain(text + "/") else { continue }
                if let item = try enterOrFold(entry, in: level.folder, text: text + "/") { return item }
            } else if let item = try object(entry, in: level.folder, text: text) {
                return item
            }
        }
        return nil
    }

    private mutating func nextEntry() throws(SystemError) -> FolderEntry? {
        while var level = levels.popLast() {
            if let entry = level.names.popFirst() {
                levels.append(level)
                return entry
            }
            guard let last = level.moreAfter else { continue }
            (level.names, level.moreAfter) = try wanted(in: level.folder, text: level.text, after: last)
            levels.append(level)
        }
        return nil
    }

    private mutating func object(_ entry: FolderEntry, in folder: Descriptor, text: String) throws(SystemError) -> Item?
    {
        guard cursor.isBefore(text), text.hasBytePrefix(request.prefix), let key = ObjectKey(text) else { return nil }
        guard let state = try FolderTree.state(of: entry.name, in: folder) else { return nil }
        if let fold = request.delimiter.flatMap({ text.folded(after: request.prefix, at: $0) }) {
            cursor = .afterPrefix(fold)
            return .prefix(fold)
        }
        return .object(state.info(key))
    }

    private mutating func enterOrFold(
        _ entry: FolderEntry, in parent: Descriptor, text: String
    ) throws(SystemError) -> Item? {
        do {
            let folder = try FolderTree.open(entry.name, in: parent)
            guard request.delimiter == "/", text.utf8.count > request.prefix.utf8.count else {
                try enter(folder, text: text)
                return nil
            }
            // One level was asked for: whether anything lies beneath is all there is to know.
            return try FolderEntry.hasObject(in: folder) ? .prefix(text) : nil
        } catch let error where SystemError.noSuchFile.contains(error.number) {
            return nil
        }
    }

    private mutating func enter(_ folder: Descriptor, text: String) throws(SystemError) {
        let (names, moreAfter) = try wanted(in: folder, text: text, after: nil)
        levels.append(Level(text: text, folder: folder, names: names, moreAfter: moreAfter))
    }

    /// The next names of a folder that can matter, in order.
    private func wanted(
        in folder: Descriptor, text: String, after last: FolderEntry?
    ) throws(SystemError) -> (ArraySlice<FolderEntry>, FolderEntry?) {
        let names = try FolderEntry.smallest(batch, in: folder) { entry in
            if let last, entry <= last { return false }
            let text = text + entry.segment
            return entry.isFolder
                ? mayContain(text + "/") : cursor.isBefore(text) && text.hasBytePrefix(request.prefix)
        }
        return (names[...], names.count == batch ? names.last : nil)
    }

    /// Whether a key that begins with `text` can have the prefix and lie behind the cursor.
    private func mayContain(_ text: String) -> Bool {
        guard text.hasBytePrefix(request.prefix) || request.prefix.hasBytePrefix(text) else { return false }
        return switch cursor {
        case .start: true
        case .afterKey(let last): last.precedesByBytes(text) || last.hasBytePrefix(text)
        case .afterPrefix(let last):
            !text.hasBytePrefix(last) && (last.precedesByBytes(text) || last.hasBytePrefix(text))
        }
    }
}
