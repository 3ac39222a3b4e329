package import KubernetesModel

/// In which order kinds are restored: some first, some last, all others between, by name. Reference: section 10.2.
package struct RestoreOrder: Sendable, Hashable {
    /// Restored first, in this order. Custom resource definitions come before all in a pass of their own.
    package let high: [String]
    /// Restored last, in this order.
    package let low: [String]

    package init(high: [String], low: [String]) {
        self.high = high
        self.low = low
    }

    /// Velero 1.18's default. Pods come before their ReplicaSets, so that a pod whose volumes are being filled exists
    /// before its controller counts pods.
    package static let standard = RestoreOrder(
        high: [
            "customresourcedefinitions", "namespaces", "storageclasses", "volumesnapshotclass.snapshot.storage.k8s.io",
            "volumesnapshotcontents.snapshot.storage.k8s.io", "volumesnapshots.snapshot.storage.k8s.io",
            "datauploads.velero.io", "persistentvolumes", "persistentvolumeclaims", "clusterroles", "roles",
            "serviceaccounts", "clusterrolebindings", "rolebindings", "secrets", "configmaps", "limitranges",
            "priorityclasses", "pods", "replicasets.apps", "clusterclasses.cluster.x-k8s.io", "endpoints", "services",
        ],
        low: [
            "clusterbootstraps.run.tanzu.vmware.com", "clusters.cluster.x-k8s.io",
            "clusterresourcesets.addons.cluster.x-k8s.io", "apps.kappctrl.k14s.io",
            "packageinstalls.packaging.carvel.dev",
        ])

    /// Reads `--restore-resource-priorities`: a comma list in which a single `-` separates first from last.
    package init(parsing text: String) {
        let names = text.split(separator: ",").map { trimmed($0) }.filter { !$0.isEmpty }
        let cut = names.firstIndex(of: "-") ?? names.endIndex
        high = Array(names[..<cut])
        low = names[cut...].dropFirst().filter { $0 != "-" }
    }

    /// `resources` in the order in which they are restored. `resolve` turns a name of the lists into the kinds it
    /// stands for; a name without a group stands for the kind of that plural in whatever group, as discovery has it.
    package func sorted(
        _ resources: some Sequence<GroupResource>, resolve: (String) -> GroupResource? = { _ in nil }
    ) -> [GroupResource] {
        let all = Array(Set(resources)).sorted()
        var taken: Set<GroupResource> = []
        func take(_ names: [String]) -> [GroupResource] {
            var ordered: [GroupResource] = []
            for name in names {
                for resource in RestoreOrder.matches(name, among: all, resolved: resolve(name))
                where taken.insert(resource).inserted {
                    ordered.append(resource)
                }
            }
            return ordered
        }
        let first = take(high)
        let last = take(low)
        return first + all.filter { !taken.contains($0) } + last
    }

    private static func matches(
        _ name: String, among all: [GroupResource], resolved: GroupResource?
    ) -> [GroupResource] {
        if let resolved, all.contains(resolved) { return [resolved] }
        let wanted = GroupResource(name)
        if !wanted.group.isEmpty {
            // `volumesnapshotclass.snapshot.storage.k8s.io` is spelled in the singular in Velero's own list.
            let plural = GroupResource(group: wanted.group, resource: wanted.resource + "es")
            return all.filter { $0 == wanted || $0 == plural }
        }
        let exact = all.filter { $0 == wanted }
        if !exact.isEmpty { return exact }
        let builtIn = all.filter { $0.resource == wanted.resource && RestoreOrder.homes[$0.resource] == $0.group }
        return builtIn
    }

    /// The groups of the kinds that the standard list names without one, so that a custom resource of the same plural
    /// is not taken for them.
    private static let homes: [String: String] = [
        "customresourcedefinitions": "apiextensions.k8s.io", "storageclasses": "storage.k8s.io",
        "clusterroles": "rbac.authorization.k8s.io", "roles": "rbac.authorization.k8s.io",
        "clusterrolebindings": "rbac.authorization.k8s.io", "rolebindings": "rbac.authorization.k8s.io",
        "priorityclasses": "scheduling.k8s.io",
    ]
}

private func trimmed(_ text: Substring) -> String {
    var rest = text
    while let first = rest.first, first.isWhitespace { rest.removeFirst() }
    while let last = rest.last, last.isWhitespace { rest.removeLast() }
    return String(rest)
}
