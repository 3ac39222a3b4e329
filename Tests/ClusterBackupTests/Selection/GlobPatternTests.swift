import ClusterBackup
import Testing

@Suite struct NamespacePatternTests {
    private func includes(_ pattern: String, _ name: String) -> Bool {
        NamespaceFilter(includes: [pattern], excludes: []).includes(name)
    }

    @Test(arguments: [
        ("app-*", "app-1", true), ("app-*", "app-", true), ("app-*", "my-app-1", false), ("*-db", "a-db", true),
        ("*-db", "a-dbx", false), ("a?c", "abc", true), ("a?c", "ac", false), ("a[bc]d", "acd", true),
        ("a[b-d]e", "ace", true), ("a[b-d]e", "aee", false), ("*a*b*c*", "xxaxxbxxcxx", true),
        ("*a*b*c*", "xxaxxcxxbxx", false), ("a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false), ("a", "a", true),
        ("a", "ab", false),
    ])
    func `patterns meet what they say`(pattern: String, name: String, isMet: Bool) {
        #expect(includes(pattern, name) == isMet)
    }

    @Test(arguments: ["a**", "{a,b}*", "a|b*", "(a)*", "!a*", "[a", "[]", "a]*", "[z-a]"])
    func `patterns that Velero rejects are rejected`(pattern: String) {
        #expect(!NamespaceFilter.problems(includes: [pattern], excludes: []).isEmpty)
    }

    @Test(arguments: ["UPPER", "a_b", "a.b", "a/b", ""])
    func `names that no namespace has are rejected`(name: String) {
        #expect(!NamespaceFilter.problems(includes: [name], excludes: []).isEmpty)
    }

    @Test func `lists are checked in Velero's words`() {
        let prefix = "Invalid included/excluded namespace lists: "
        #expect(
            NamespaceFilter.problems(includes: ["*", "a"], excludes: [])
                == [prefix + "includes list must either contain '*' only, or a non-empty list of items"])
        #expect(
            NamespaceFilter.problems(includes: [], excludes: ["*"]) == [prefix + "excludes list cannot contain '*'"])
        #expect(
            NamespaceFilter.problems(includes: ["a", "b"], excludes: ["b"])
                == [prefix + "excludes list cannot contain an item in the includes list: b"])
        #expect(NamespaceFilter.problems(includes: ["*"], excludes: ["b", "c-*"]).isEmpty)
        #expect(NamespaceFilter.problems(includes: [], excludes: []).isEmpty)
    }

    @Test func `a pattern set that meets nothing includes nothing`() {
        let filter = NamespaceFilter(includes: ["nothing-*"], excludes: [])
        #expect(!filter.includes("app"))
        #expect(!filter.isEverything)
        #expect(!filter.asksForWholeCluster)
    }

    @Test func `excludes win, and everything means nothing excluded`() {
        let filter = NamespaceFilter(includes: ["*"], excludes: ["kube-*", "x"])
        #expect(filter.includes("app"))
        #expect(!filter.includes("kube-system"))
        #expect(!filter.includes("x"))
        #expect(!filter.isEverything)
        #expect(filter.asksForWholeCluster)
        #expect(NamespaceFilter(includes: ["*"], excludes: []).isEverything)
        #expect(NamespaceFilter(includes: [], excludes: []).isEverything)
    }
}
