package import VeleroAPI

/// Puts saved data back into the volumes of restored pods; the other side of `RestoreRun`, which knows nothing of repositories.
package protocol PodVolumeRestorer: Sendable {
    /// Fills volumes of pods that were created with a container that waits for them.
    ///
    /// - Parameters:
    ///   - restores: new, with their spec.
    ///   - restoreUID: what the waiting containers were told.
    /// - Returns: the same, in this order, each in a phase that is terminal.
    func restore(_ restores: [PodVolumeRestore], restoreUID: String) async -> [PodVolumeRestore]

    /// What there is to say when all is done, about the whole: one line each.
    func warnings() async -> [String]
}
