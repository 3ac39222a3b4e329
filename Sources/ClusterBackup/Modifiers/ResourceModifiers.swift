package import KubernetesModel

/// Changes that the user of a restore wants on chosen objects. Reference: section 13.1.
package struct ResourceModifiers: Sendable, Hashable {
    package struct Rule: Sendable, Hashable {
        package let conditions: ModifierConditions
        package let change: ModifierChange
    }

    package let rules: [Rule]

    package init(rules: [Rule] = []) { self.rules = rules }

    /// Applies the rules in order to `object`.
    ///
    /// Conditions look at `stored`, the object as it was backed up. A rule that cannot be applied changes nothing;
    /// one whose `test` operation fails is left out in silence.
    /// - Returns: what went wrong, one line for each rule that failed. Never a value of the object.
    package func apply(to object: inout APIObject, stored: APIObject, resource: GroupResource) -> [String] {
        var problems: [String] = []
        for (index, rule) in rules.enumerated() where rule.conditions.match(stored, resource: resource) {
            do throws(PatchError) {
                object.json = try rule.change.applied(to: object.json)
            } catch {
                if error.code != .testFailed {
                    problems.append("resource modifier rule \(index + 1) was not applied: \(error.message)")
                }
            }
        }
        return problems
    }
}

/// What a rule does; a rule has patches of one kind.
package enum ModifierChange: Sendable, Hashable {
    case json(JSONPatch)
    case merge([MergePatch])
    case strategic([StrategicMergePatch])

    func applied(to json: JSONValue) throws(PatchError) -> JSONValue {
        var result = json
        switch self {
        case .json(let patch): result = try patch.applied(to: result)
        case .merge(let patches): for patch in patches { result = patch.applied(to: result) }
        case .strategic(let patches): for patch in patches { result = try patch.applied(to: result) }
        }
        return result
    }
}

/// Which objects a rule is for; all conditions must hold.
package struct ModifierConditions: Sendable, Hashable {
    package struct Match: Sendable, Hashable {
        package let path: JSONPointer
        package let value: JSONValue
    }

    package var groupResource: DottedGlob
    package var nameRegex: RegularExpression?
    /// Original namespaces; empty for all. Cluster-scoped objects are in none.
    package var namespaces: Set<String> = []
    package var labelSelector: LabelSelector?
    package var matches: [Match] = []

    package init(groupResource: DottedGlob) { self.groupResource = groupResource }

    package func match(_ stored: APIObject, resource: GroupResource) -> Bool {
        guard groupResource.matches(resource.description) else { return false }
        if let nameRegex, !nameRegex.matches(stored.name) { return false }
        if !namespaces.isEmpty, !namespaces.contains(stored.namespace ?? "") { return false }
        if let labelSelector, !labelSelector.matches(stored.labels) { return false }
        return matches.allSatisfy { match in
            stored.json[match.path].map { $0.isEquivalent(to: match.value) } ?? false
        }
    }
}
