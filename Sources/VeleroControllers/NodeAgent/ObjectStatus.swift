internal import KubernetesClient
internal import KubernetesModel
internal import VeleroAPI

/// Writes the status of velero.io objects: these kinds have no status subresource, so a merge patch of what changed.
struct StatusWriter: Sendable {
    let client: APIClient

    private static let options = WriteOptions(fieldManager: "martlet")

    /// - Parameter resourceVersion: writes only if the object is still this one; nil to write anyway.
    /// - Returns: nil if the object is gone.
    /// - Throws: `.conflict`, and what passes or does not.
    @discardableResult
    func write<Object: VeleroObject>(
        _ object: Object, resourceVersion: String? = nil
    ) async throws(APIError) -> RawObject? {
        var patch: JSONValue = ["status": object.json["status"] ?? .object([:])]
        if let resourceVersion { patch["metadata", "resourceVersion"] = .string(resourceVersion) }
        return try await send(patch, Object.resourceKind, object.name, object.namespace)
    }

    /// Asks whoever works on the object to stop.
    func cancel<Object: VeleroObject>(_ object: Object) async throws(APIError) {
        _ = try await send(["spec": ["cancel": true]], Object.resourceKind, object.name, object.namespace)
    }

    func send(
        _ patch: JSONValue, _ kind: ResourceKind, _ name: String, _ namespace: String
    ) async throws(APIError) -> RawObject? {
        do throws(APIError) {
            return try await client.patch(
                kind, name, in: namespace, .merge(patch.serialized()), options: StatusWriter.options)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }
}
