internal import KubernetesModel

/// Which namespaces a backup takes. Source: Velero 1.18; patterns are of 1.18.
///
/// Excludes win. Patterns stand for the namespaces that are there when the backup starts: a set of patterns that meets
/// none includes none, it does not mean all.
package struct NamespaceFilter: Sendable, Hashable {
    private let includes: [String]
    private let excludes: [String]
    private let includedPatterns: [GlobPattern]
    private let excludedPatterns: [GlobPattern]
    /// Namespaces that asked to be left out by their label. They do not count for `isEverything`: a full backup stays a
    /// full backup when one namespace opts out.
    private var labelledOut: Set<String> = []

    /// Texts that are no patterns at all are left to `problems`.
    package init(includes: [String], excludes: [String]) {
        self.includes = includes
        self.excludes = excludes
        includedPatterns = includes.filter { $0 != "*" && GlobPattern.isPattern($0) }.compactMap { GlobPattern($0) }
        excludedPatterns = excludes.filter(GlobPattern.isPattern).compactMap { GlobPattern($0) }
    }

    /// What is wrong with the lists, in Velero's words; empty if nothing is.
    package static func problems(includes: [String], excludes: [String]) -> [String] {
        var problems = FilterLists.problems(includes: includes, excludes: excludes)
        for text in includes + excludes where text != "*" {
            if GlobPattern.isPattern(text) {
                if GlobPattern(text) == nil {
                    problems.append(
                        "invalid namespace \"\(text)\": wildcard patterns may use '*', '?' and '[...]' only, "
                            + "and no '**'")
                }
            } else if !KubernetesName.isLabel(text) {
                problems.append("invalid namespace \"\(text)\": not a name of a namespace")
            }
        }
        return problems.map { "Invalid included/excluded namespace lists: \($0)" }
    }

    private var includesAll: Bool { includes.isEmpty || includes == ["*"] }

    /// Nothing was asked to be left out: what the rules for cluster-scoped kinds ask.
    package var isEverything: Bool { includesAll && excludes.isEmpty }

    package mutating func leaveOut(_ namespaces: some Sequence<String>) { labelledOut.formUnion(namespaces) }

    package func includes(_ namespace: String) -> Bool {
        if labelledOut.contains(namespace) || excludes.contains(namespace) { return false }
        if excludedPatterns.contains(where: { $0.matches(namespace) }) { return false }
        return includesAll || includes.contains(namespace)
            || includedPatterns.contains { $0.matches(namespace) }
    }

    /// Whether one list of the whole cluster is to be made and sifted, instead of one list for each namespace.
    package var asksForWholeCluster: Bool { includesAll }

    /// Plain names among the includes: they must exist.
    package var namedNamespaces: [String] { includes.filter { !GlobPattern.isPattern($0) && $0 != "*" } }
}
