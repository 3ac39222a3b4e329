internal import Glibc
internal import KubernetesModel

/// The sign in a volume that its data is there: the file `.velero/RESTORE-UID`, which the container that holds the pod back
/// waits for. Source: reference section 8.5.
package enum RestoreMarker {
    package static let folder = ".velero"

    /// Puts the sign into the volume at `volume`. What a former restore, or the data itself, left in its place goes away; links
    /// are removed and never followed.
    ///
    /// - Throws: `.localDisk`, `.invalid`.
    package static func put(_ restoreUID: String, into volume: String) throws(ControllerError) {
        guard KubernetesName.isPathSegment(restoreUID) else {
            throw ControllerError(.invalid, "'\(restoreUID)' is no uid of a restore")
        }
        try remove(from: volume)
        let folder = "\(volume)/\(folder)"
        guard mkdir(folder, 0o755) == 0 else { throw failure("making", folder) }
        let file = open("\(folder)/\(restoreUID)", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw failure("writing", "\(folder)/\(restoreUID)") }
        close(file)
    }

    package static func isPresent(_ restoreUID: String, in volume: String) -> Bool {
        var status = stat()
        return lstat("\(volume)/\(folder)/\(restoreUID)", &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Removes the folder of the sign with the files in it.
    package static func remove(from volume: String) throws(ControllerError) {
        let folder = "\(volume)/\(folder)"
        switch NodeFolders.kind(of: folder) {
        case nil: return
        case .folder?:
            for name in try NodeFolders.names(in: folder) where unlink("\(folder)/\(name)") != 0 {
                throw failure("removing", "\(folder)/\(name)")
            }
            guard rmdir(folder) == 0 else { throw failure("removing", folder) }
        case .link?, .other?:
            guard unlink(folder) == 0 else { throw failure("removing", folder) }
        }
    }

    private static func failure(_ doing: String, _ path: String) -> ControllerError {
        ControllerError(.localDisk, "\(doing) \(path) failed: \(String(cString: strerror(errno)))")
    }
}
