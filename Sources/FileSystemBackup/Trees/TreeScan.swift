import Glibc
import ResticFormat

/// Counts what a backup will read, for the estimate of the remaining time: a walk without content beside the backup's own.
package struct TreeScan: Sendable {
    package struct Total: Sendable, Hashable {
        package var files: UInt64 = 0
        package var bytes: UInt64 = 0

        package init() {}
    }

    private let rules: ExcludeRules
    private let workingFolder: LocalPath

    package init(rules: ExcludeRules, workingFolder: LocalPath) {
        self.rules = rules
        self.workingFolder = workingFolder
    }

    /// What cannot be read is left out; the backup tells. Synchronous; ends early when `isCancelled` says so.
    package func total(of targets: [LocalPath], isCancelled: () -> Bool = { Task.isCancelled }) -> Total {
        var total = Total()
        for target in targets {
            let path = target.absolute(from: workingFolder)
            guard let name = path.names.last else {
                if let root = try? Descriptor.open(path) { add(root, ExcludeScope(rules), &total, isCancelled) }
                continue
            }
            // An unreadable target adds nothing to the estimate.
            guard let parent = try? Descriptor.open(path.parent) else { continue }
            add(name, in: parent, ExcludeScope(rules).entering(path.parent.names), &total, isCancelled)
        }
        return total
    }

    private func add(
        _ folder: Descriptor, _ scope: ExcludeScope, _ total: inout Total, _ isCancelled: () -> Bool
    ) {
        // A folder that cannot be listed adds nothing to the estimate.
        for name in (try? FolderEntries.unsortedNames(in: folder)) ?? [] where !scope.excludes(name) {
            if isCancelled() { return }
            add(name, in: folder, scope, &total, isCancelled)
        }
    }

    private func add(
        _ name: [UInt8], in folder: Descriptor, _ scope: ExcludeScope, _ total: inout Total, _ isCancelled: () -> Bool
    ) {
        // It vanished, or may not be looked at: nothing to count.
        guard let status = try? folder.status(of: name) else { return }
        switch status.kind {
        case .file:
            if let largest = rules.largestFile, status.size > largest { return }
            total.files += 1
            total.bytes += UInt64(max(0, status.size))
        case .directory:
            if let inner = try? folder.openFolder(name) {  // Not readable: nothing to count.
                add(inner, scope.entering(name), &total, isCancelled)
            }
        default: break
        }
    }
}
