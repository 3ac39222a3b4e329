internal import Basics
package import KubernetesClient
internal import KubernetesModel

/// Keeps the notes of what must be undone, in the cluster. Needs the rights to `get`, `list`, `create`, `patch` and `delete`
/// ConfigMaps in the namespaces of the pods.
package struct HookJournal: Sendable {
    private let client: APIClient

    package init(_ client: APIClient) { self.client = client }

    private static let configMaps = ResourceKind(
        groupVersion: GroupVersion(apiVersion: "v1"), resource: "configmaps", kind: "ConfigMap", isNamespaced: true)

    /// Writes a note down.
    /// - Throws: `.alreadyExists` if there is one for this pod.
    package func add(_ note: HookNote) async throws(APIError) {
        do throws(APIError) {
            _ = try await client.create(
                HookJournal.configMaps, in: note.namespace, note.configMap.serialized(),
                options: WriteOptions(fieldManager: "martlet"))
        } catch {
            // An answer that was lost leaves open whether it was written: look.
            guard error.code == .unreachable || error.code == .timeout || error.code == .alreadyExists,
                let found = try await find(note), found.holder == note.holder, found.expires == note.expires
            else { throw error }
        }
    }

    /// The note for the same pod, if there is one that can be read.
    package func find(_ note: HookNote) async throws(APIError) -> HookNote? {
        guard let found = try await client.find(HookJournal.configMaps, note.name, in: note.namespace) else {
            return nil
        }
        return HookJournal.note(found)
    }

    /// Says that its holder lives.
    package func renew(_ note: HookNote) async throws(APIError) {
        let body: JSONValue = ["data": note.data]
        _ = try await client.patch(
            HookJournal.configMaps, note.name, in: note.namespace, .merge(body.serialized()),
            options: WriteOptions(fieldManager: "martlet"))
    }

    package func remove(_ note: HookNote) async throws(APIError) {
        do throws(APIError) {
            try await client.delete(HookJournal.configMaps, note.name, in: note.namespace)
        } catch {
            if error.code != .notFound { throw error }
        }
    }

    /// Every note of the cluster, and the places of those that cannot be read.
    /// - Parameter namespace: nil for all.
    package func all(in namespace: String? = nil) async throws(APIError) -> (notes: [HookNote], unreadable: [String]) {
        let options = ListOptions(labelSelector: "\(HookNote.label)=true")
        let found = try await client.list(HookJournal.configMaps, in: namespace, options: options).all()
        var notes: [HookNote] = []
        var unreadable: [String] = []
        for object in found {
            if let note = HookJournal.note(object) {
                notes.append(note)
            } else {
                unreadable.append("\(object.namespace ?? "")/\(object.name)")
            }
        }
        return (notes, unreadable)
    }

    private static func note(_ object: RawObject) -> HookNote? {
        guard let decoded = try? object.decoded() else { return nil }  // What is no object is no note.
        return HookNote(decoded)
    }
}
