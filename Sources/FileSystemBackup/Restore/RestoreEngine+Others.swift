import Basics
import Glibc
import ResticFormat

extension RestoreEngine {
    /// Links, devices, pipes, and further names of files.
    func makeOthers() async throws {
        let others = plan.items.indices.filter { place in
            if case .link = plan.items[place].action { return true }
            return plan.items[place].node.kind != .file
        }
        let batches = stride(from: 0, to: others.count, by: RestoreEngine.batch).map {
            others[$0..<min($0 + RestoreEngine.batch, others.count)]
        }
        try await forEachConcurrently(batches, limit: workers) { [self] batch in
            for place in batch where !hasFailed(item: place) {
                do throws(SystemError) {
                    try make(place)
                } catch {
                    fail(item: place, "making", error)
                }
            }
        }
    }

    private func make(_ place: Int) throws(SystemError) {
        let item = plan.items[place]
        let folder = try folder(item.folder)
        let name = item.node.name.bytes
        switch item.action {
        case .skip:
            tell(place)
            return
        case .link(let first):
            try link(place, to: first, in: folder)
            tell(place)
            return
        case .create: break
        case .replace, .update, .metadata: try clear(name, in: folder)
        }
        do {
            try make(item.node, in: folder)
        } catch {
            // It appeared after the plan was made.
            guard error.number == EEXIST, options.overwrite != .never else { throw error }
            try clear(name, in: folder)
            try make(item.node, in: folder)
        }
        try metadata.write(item.node, to: name, in: folder)
        tell(place)
    }

    private func make(_ node: Node, in folder: Descriptor) throws(SystemError) {
        if node.kind == .symlink {
            try folder.makeLink(node.name.bytes, to: node.linkTarget)
        } else {
            try folder.makeSpecial(node.name.bytes, node)
        }
    }

    private func link(_ place: Int, to first: Int, in folder: Descriptor) throws(SystemError) {
        let original = plan.items[first]
        guard !hasFailed(item: first) else { throw SystemError(number: ENOENT) }
        let name = plan.items[place].node.name.bytes
        let home = try self.folder(original.folder)
        let wanted = try home.status(of: original.node.name.bytes)
        do {
            let present = try folder.status(of: name)
            if !present.isSameFile(as: wanted) {
                try clear(name, in: folder)
                try folder.makeHardLink(name, to: original.node.name.bytes, in: home)
            }
        } catch {
            guard error.number == ENOENT else { throw error }
            try folder.makeHardLink(name, to: original.node.name.bytes, in: home)
        }
        progress.update { $0.filesRestored += 1 }
    }
}
