import KubernetesClient
import KubernetesModel

/// Volumes in the cluster that cannot stay.
extension ItemWriter {
    /// Waits until a volume that cannot stay is gone.
    ///
    /// - Returns: whether there was one; the place is then free.
    func awaitRemoval(
        of found: RawObject, _ item: PreparedItem, _ kind: ResourceKind
    ) async throws(APIError) -> Bool {
        guard var reason = try await obstacle(found) else { return false }
        let isGone = try await Waiting(clock: clock, timeout: options.terminatingTimeout).until {
            () async throws(APIError) in
            guard let now = try await client.find(kind, item.target.name) else { return true }
            guard let obstacle = try await obstacle(now) else { return true }
            reason = obstacle
            return false
        }
        guard isGone else {
            throw APIError(
                .timeout,
                "\(item.target) is in the cluster and cannot be used: \(reason); delete it and run the restore again")
        }
        return true
    }

    func obstacle(_ found: RawObject) async throws(APIError) -> String? {
        guard let volume = try? found.decoded() else { return nil }  // The server's own JSON was read once already.
        return VolumeObstacle.find(
            volume, claimOrNamespaceIsTerminating: try await claimIsTerminating(of: volume))
    }

    private func claimIsTerminating(of volume: APIObject) async throws(APIError) -> Bool {
        guard let namespace = volume.json["spec", "claimRef", "namespace"]?.string,
            let name = volume.json["spec", "claimRef", "name"]?.string,
            let claims = served.kind(Restored.persistentVolumeClaims), let namespaces = served.kind(Restored.namespaces)
        else { return false }
        if try await client.find(claims, name, in: namespace)?.isBeingDeleted == true { return true }
        return try await client.find(namespaces, namespace)?.isBeingDeleted == true
    }
}
