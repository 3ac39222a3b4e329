import Basics
import KubernetesClient
import KubernetesModel

extension RestoreDriver {
    /// Restores definitions, waits until they are in force, and learns the kinds that they add. Reference: section 10.2.
    func restoreDefinitions() async {
        let before = ledger.counts[.create]
        await restore(Restored.customResourceDefinitions)
        guard stop == nil else { return }
        let definitions = restoredDefinitions()
        if options.isDryRun {
            var served = served
            for definition in definitions { served.add(definition: definition) }
            let known = self.served
            let fresh = Set(definitions.map(resource(of:))).filter { known.versions(of: $0).isEmpty }
            use(served, freshKinds: fresh)
            return
        }
        do throws(APIError) {
            try await awaitEstablished(definitions)
            guard ledger.counts[.create] > before else { return }
            try await awaitDiscovery(of: definitions)
        } catch {
            ledger.fail("the restored definitions are not in force: \(error.message)")
            stop = ItemWriter.stop(for: error)
        }
    }

    /// The definitions of the archive that were chosen; those that are refused were recorded as they were met. There are
    /// hundreds at most, and they are kept in memory for as long as this pass takes.
    private func restoredDefinitions() -> [APIObject] {
        archive.index.items(of: Restored.customResourceDefinitions).compactMap { item in
            guard selection.includes(item.reference), let bytes = try? archive.bytes(of: item) else { return nil }
            guard let stored = try? ItemCheck.decode(bytes, at: item.reference) else { return nil }
            return selection.matches(stored.labels) ? stored : nil
        }
    }

    private func resource(of definition: APIObject) -> GroupResource {
        GroupResource(
            group: definition.json["spec", "group"]?.string ?? "",
            resource: definition.json["spec", "names", "plural"]?.string ?? "")
    }

    private func awaitEstablished(_ definitions: [APIObject]) async throws(APIError) {
        guard let kind = served.kind(Restored.customResourceDefinitions) else { return }
        let (client, waiting) = (client, Waiting(clock: clock, timeout: options.resourceTimeout))
        let missing: [String?]
        do {
            missing = try await mapConcurrently(definitions.map(\.name), limit: 8) { name in
                let isReady = try await waiting.until { () async throws(APIError) in
                    // One that could not be created was recorded; there is nothing to wait for.
                    guard let found = try await client.find(kind, name) else { return true }
                    return (try? found.decoded()).map(RestoreDriver.isEstablished) ?? true
                }
                return isReady ? nil : name
            }
        } catch {
            throw error as? APIError ?? APIError(.cancelled, "waiting for definitions was cancelled", cause: error)
        }
        for case let name? in missing {
            ledger.fail(
                "definition \(name) is not in force after \(options.resourceTimeout): look at its status.conditions; "
                    + "objects of its kind cannot be restored before")
        }
    }

    private static func isEstablished(_ definition: APIObject) -> Bool {
        let conditions = definition.json["status", "conditions"]?.array ?? []
        return ["Established", "NamesAccepted"].allSatisfy { type in
            conditions.contains { $0["type"]?.string == type && $0["status"]?.string == "True" }
        }
    }

    /// Asks for the kinds again, until the new ones are among them; half a minute at most, as some may never come.
    private func awaitDiscovery(of definitions: [APIObject]) async throws(APIError) {
        let wanted = definitions.filter { !ServedKinds.servedVersions(of: $0).isEmpty }.map(resource(of:))
        var discovered = served
        _ = try await Waiting(clock: clock, timeout: min(options.resourceTimeout, .seconds(30))).until {
            () async throws(APIError) in
            discovered = ServedKinds(try await client.discover())
            return wanted.allSatisfy { !discovered.versions(of: $0).isEmpty }
        }
        use(discovered, freshKinds: Set(wanted))
    }
}
