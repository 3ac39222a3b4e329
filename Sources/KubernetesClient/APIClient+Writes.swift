package import KubernetesModel
internal import Transport

extension APIClient {
    /// Creates an object; its name is in `body`.
    ///
    /// - Returns: the object as the server keeps it.
    /// - Throws: `.alreadyExists`; `.invalid` with the refused fields as causes. `.unreachable` and `.timeout` leave open
    ///   whether it was created, unless `wasNotSent`: read it to find out.
    package func create(
        _ kind: ResourceKind, in namespace: String? = nil, _ body: [UInt8], options: WriteOptions = WriteOptions()
    ) async throws(APIError) -> RawObject {
        try await object(
            requests.create(kind, in: namespace, name: nil, subresource: nil, body, options: options), kind)
    }

    /// Creates a subresource, such as `eviction` of a pod or `token` of a service account.
    package func create(
        _ kind: ResourceKind, _ name: String, in namespace: String? = nil, subresource: String, _ body: [UInt8],
        options: WriteOptions = WriteOptions()
    ) async throws(APIError) -> RawObject {
        try await object(
            requests.create(kind, in: namespace, name: name, subresource: subresource, body, options: options), kind)
    }

    /// Replaces an object or, with `subresource: "status"`, its status. With a `resourceVersion` in `body` it happens only
    /// if the object did not change since.
    ///
    /// - Throws: `.conflict`, `.notFound`, `.invalid`. What is unknown after `.unreachable` is as with `create`.
    package func update(
        _ kind: ResourceKind, _ name: String, in namespace: String? = nil, subresource: String? = nil,
        _ body: [UInt8], options: WriteOptions = WriteOptions()
    ) async throws(APIError) -> RawObject {
        try await object(
            requests.update(kind, name, in: namespace, subresource: subresource, body, options: options), kind)
    }

    /// Changes a part of an object; `.apply` creates it if there is none.
    ///
    /// - Throws: `.conflict` if another manager holds a field that `.apply` without force would change.
    package func patch(
        _ kind: ResourceKind, _ name: String, in namespace: String? = nil, subresource: String? = nil,
        _ patch: Patch, options: WriteOptions = WriteOptions()
    ) async throws(APIError) -> RawObject {
        try await object(
            requests.patch(kind, name, in: namespace, subresource: subresource, patch, options: options), kind)
    }

    /// Asks for the end of an object. It may live on until its finalizers are done: watch it, or ask again.
    ///
    /// - Throws: `.notFound` if there is none; `.conflict` if a precondition does not hold. When an earlier try of the same
    ///   call lost its answer, `.notFound` means that it had succeeded and is not thrown.
    package func delete(
        _ kind: ResourceKind, _ name: String, in namespace: String? = nil, options: DeleteOptions = DeleteOptions()
    ) async throws(APIError) {
        let request = try requests.delete(kind, name, in: namespace, options: options)
        var mayHaveActed = false
        do throws(APIError) {
            _ = try await sender.retrying(request) { () async throws(APIError) in
                do throws(APIError) {
                    _ = try await Sender.collect(sender.open(request).body, request.subject)
                } catch {
                    if !error.wasNotSent, error.code == .unreachable || error.code == .timeout { mayHaveActed = true }
                    throw error
                }
            }
        } catch {
            if error.code == .notFound, mayHaveActed { return }
            throw error
        }
    }

    /// Deletes every object of `kind` in a namespace that the selectors of `selecting` choose.
    package func deleteAll(
        _ kind: ResourceKind, in namespace: String?, selecting: ListOptions = ListOptions(),
        options: DeleteOptions = DeleteOptions()
    ) async throws(APIError) {
        _ = try await sender.send(
            requests.deleteCollection(kind, in: namespace, selecting: selecting, options: options))
    }
}
