import KubernetesModel
package import VeleroAPI

/// What is wrong with a Restore before anything is done; the texts are those of `status.validationErrors`. Reference:
/// section 10.1.
package enum RestoreValidation {
    package static func problems(_ spec: RestoreSpec, served: ServedKinds) -> [String] {
        var problems: [String] = []
        if spec.backupName.isEmpty == spec.scheduleName.isEmpty {
            problems.append(
                "Either a backup or schedule must be specified as a source for the restore, but not both")
        }
        let never = spec.includedResources.map(served.resolve).filter(Restored.never.contains)
        if !never.isEmpty {
            problems.append("\(list(never.map(\.description))) are non-restorable resources")
        }
        problems += FilterLists.problems(includes: spec.includedResources, excludes: spec.excludedResources)
            .map { "Invalid included/excluded resource lists: \($0)" }
        problems += NamespaceFilter.problems(includes: spec.includedNamespaces, excludes: spec.excludedNamespaces)
        if spec.labelSelector != nil, !spec.orLabelSelectors.isEmpty {
            problems.append(
                "encountered labelSelector as well as orLabelSelectors in restore spec, only one is allowed")
        }
        if !["", "none", "update"].contains(spec.existingResourcePolicy) {
            problems.append(
                "existingResourcePolicy '\(spec.existingResourcePolicy)' is unknown; it is 'none' or 'update'")
        }
        for (original, target) in spec.namespaceMapping.sorted(by: { $0.key < $1.key }) {
            if let problem = NameRules.namespace(original) ?? NameRules.namespace(target) {
                problems.append("the namespace mapping '\(original):\(target)' cannot be used: \(problem)")
            }
        }
        do {
            _ = try InitContainerHooks(spec.hooks)
            _ = try ExecHook.all(in: spec.hooks)
        } catch {
            problems.append("hooks: \(error.message)")
        }
        if let modifier = spec.resourceModifier, modifier.kind.lowercased() != "configmap" {
            problems.append("resourceModifier must name a ConfigMap, not a '\(modifier.kind)'")
        }
        return problems
    }

    private static func list(_ names: [String]) -> String { names.sorted().joined(separator: ", ") }
}
