/// Checks of pairs of include and exclude lists; the texts are Velero's, for dashboards and people that know them.
enum FilterLists {
    /// For namespaces and the old resource filters: `*` only alone in the includes, never in the excludes.
    static func problems(includes: [String], excludes: [String]) -> [String] {
        var problems: [String] = []
        if includes.count > 1, includes.contains("*") {
            problems.append("includes list must either contain '*' only, or a non-empty list of items")
        }
        if excludes.contains("*") { problems.append("excludes list cannot contain '*'") }
        return problems + common(includes, excludes)
    }

    /// For the scoped resource filters: `*` only alone in either list, and nothing included where all is excluded.
    static func scopedProblems(includes: [String], excludes: [String]) -> [String] {
        var problems: [String] = []
        if includes.count > 1, includes.contains("*") {
            problems.append("includes list must either contain '*' only, or a non-empty list of items")
        }
        if excludes.count > 1, excludes.contains("*") {
            problems.append("excludes list must either contain '*' only, or a non-empty list of items")
        }
        if !includes.isEmpty, excludes.contains("*") {
            problems.append("when exclude is '*', include cannot have value")
        }
        return problems + common(includes, excludes.filter { $0 != "*" })
    }

    private static func common(_ includes: [String], _ excludes: [String]) -> [String] {
        excludes.filter(includes.contains).map {
            "excludes list cannot contain an item in the includes list: \($0)"
        }
    }
}
