import KubernetesClient
import KubernetesModel

extension RestoreDriver {
    /// Asks the cluster what the rules of a kind need to know, before its first object.
    func gatherFacts(for kind: GroupResource) async {
        do throws(APIError) {
            switch kind {
            case Restored.secrets: try await gatherServiceAccounts()
            case Restored.persistentVolumes, Restored.persistentVolumeClaims, Restored.statefulSets:
                try await gatherStorageClasses()
            default: break
            }
        } catch {
            ledger.warn("restoring \(kind) without knowing all of the cluster: \(error.message)")
            stop = stop ?? ItemWriter.stop(for: error)
        }
    }

    /// The service accounts that get tokens of their own. Memory: their names.
    private func gatherServiceAccounts() async throws(APIError) {
        var accounts: Set<NamespacedName> = []
        if options.isDryRun {
            for item in archive.index.items(of: Restored.serviceAccounts) where selection.includes(item.reference) {
                let namespace = settings.actions.target(of: item.reference.namespace ?? "")
                accounts.insert(NamespacedName(namespace: namespace, name: item.reference.name))
            }
        }
        guard let kind = served.kind(Restored.serviceAccounts) else { return }
        for try await batch in client.list(kind) {
            for account in batch {
                accounts.insert(NamespacedName(namespace: account.namespace ?? "", name: account.name))
            }
        }
        preparation.settings.actions.serviceAccounts = accounts
    }

    private func gatherStorageClasses() async throws(APIError) {
        let wanted = Set(settings.actions.storageClasses.classes.values)
        guard !wanted.isEmpty, let kind = served.kind(Restored.storageClasses) else { return }
        var missing: Set<String> = []
        for name in wanted.sorted() where try await client.find(kind, name) == nil {
            let place = ObjectReference(resource: Restored.storageClasses, namespace: nil, name: name)
            let isPlanned = options.isDryRun && selection.includes(place) && archive.index.item(place) != nil
            if !isPlanned { missing.insert(name) }
        }
        preparation.settings.actions.storageClasses.missing = missing
    }
}
