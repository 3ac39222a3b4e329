import MartletCLI
import Testing

@Suite struct `What people type` {
    @Test(arguments: [
        ("-n velero version", "version -n velero"),
        ("--kubeconfig=/k --context c version", "version --kubeconfig=/k --context c"),
        ("version -- --details=true", "version -- --details=true"),
        ("version --details=true --yes=false", "version --details"),
        ("version --include-cluster-resources x", "version --include-cluster-resources=true x"),
        ("version --include-cluster-resources=false", "version --include-cluster-resources=false"),
    ])
    func `is brought into one form`(typed: String, prepared: String) throws {
        let words = typed.split(separator: " ").map(String.init)
        #expect(try ArgumentPreparation.prepare(words).joined(separator: " ") == prepared)
    }

    @Test func `gets a suggestion when it is nearly a command`() throws {
        let error = try #require(throws: CommandError.self) { try ArgumentPreparation.prepare(["verison"]) }
        #expect(error.message == "'martlet' has no command 'verison'. Did you mean 'version'?")
        #expect(error.status == .usage)
    }

    @Test(arguments: [("bakcup", "backup"), ("restor", "restore"), ("x", nil), ("describe", "describe")])
    func `is compared by its letters`(word: String, nearest: String?) {
        #expect(Suggestion.nearest(to: word, in: ["backup", "restore", "describe"]) == nearest)
    }
}
