internal import Glibc

/// What the container `restore-wait` does: waits until every volume beneath a folder has the sign of a restore, then takes the
/// signs away. Needs no network and no rights in the cluster. Source: reference section 8.5.
package struct RestoreWatch: Sendable {
    /// The folder whose folders are the volumes: `/restores`.
    package let folder: String
    package let restoreUID: String
    /// A second, as with Velero.
    package static let interval = Duration.seconds(1)

    package init(folder: String, restoreUID: String) {
        self.folder = folder
        self.restoreUID = restoreUID
    }

    /// - Parameter note: told when the number of filled volumes changes.
    /// - Throws: `.notFound` if there is no volume; `.cancelled`.
    package func run(clock: any Clock<Duration>, note: (String) -> Void = { _ in }) async throws(ControllerError) {
        var last = -1
        while true {  // Ends when all are filled, or with the pod.
            let volumes = try volumes()
            guard !volumes.isEmpty else {
                throw ControllerError(.notFound, "there is no volume beneath \(folder) to wait for")
            }
            let filled = volumes.count { RestoreMarker.isPresent(restoreUID, in: $0) }
            if filled != last { note("\(filled) of \(volumes.count) volumes are filled") }
            last = filled
            if filled == volumes.count { break }
            do {
                try await clock.sleep(for: RestoreWatch.interval)
            } catch {
                throw ControllerError(.cancelled, "waiting for the volumes was cancelled", cause: error)
            }
        }
        for volume in try volumes() {
            do throws(ControllerError) {
                try RestoreMarker.remove(from: volume)
            } catch {
                // A user without rights in the volume's own folder; the sign does no harm there.
                note("the sign stays: \(error.message)")
            }
        }
    }

    private func volumes() throws(ControllerError) -> [String] {
        try NodeFolders.names(in: folder).map { "\(folder)/\($0)" }.filter { NodeFolders.kind(of: $0) == .folder }
    }
}
