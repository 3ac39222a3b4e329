import ClusterBackup
import MartletTestSupport
import Testing

@Suite("Regular expressions")
struct RegularExpressionTests {
    @Test(
        "match as Go's do",
        arguments: [
            ("^mysql.*$", "mysql-0", true), ("^mysql.*$", "my-mysql", false), ("sql", "mysql-0", true),
            ("", "anything", true), ("^$", "", true), ("^$", "x", false), ("a|b|c", "xcx", true), ("a|b|c", "x", false),
            ("^(ab)+$", "ababab", true), ("^(ab)+$", "aba", false), ("^a{2,3}$", "aa", true),
            ("^a{2,3}$", "aaaa", false),
            ("^a{2}$", "aa", true), ("^a{2,}$", "aaaaa", true), ("^a{,3}$", "a{,3}", true), ("^x{$", "x{", true),
            ("^[a-c]+$", "abcabc", true), ("^[^a-c]+$", "xyz", true), ("^[^a-c]+$", "xa", false),
            ("^[]a]+$", "]a", true),
            ("^[a-]+$", "a-a", true), (#"^\d+$"#, "123", true), (#"^\D+$"#, "12a", false),
            (#"^\w+-\w+$"#, "web-0", true),
            (#"^\s$"#, " ", true), ("^[[:alpha:]]+$", "abc", true), ("^[[:^alpha:]]+$", "123", true),
            ("^[[:digit:]a]+$", "1a2", true), ("(?i)^MySQL$", "mysql", true), ("(?i:My)sql", "MYsql", true),
            ("(?i:My)sql", "MYSQL", false), ("^a.c$", "a\nc", false), ("(?s)^a.c$", "a\nc", true),
            ("(?m)^b$", "a\nb\nc", true), ("^b$", "a\nb\nc", false), (#"\bcat\b"#, "a cat!", true),
            (#"\bcat\b"#, "concat", false), (#"\Bcat"#, "concat", true), (#"\Aab\z"#, "ab", true),
            (#"^\Qa.b\E+$"#, "a.bb", true), (#"^a\.b$"#, "axb", false), (#"^\x41\x{42}$"#, "AB", true),
            ("(?P<name>a)b", "ab", true), ("(?:a|b)c", "bc", true), ("a*?b", "aaab", true), ("^(a?){3}$", "aa", true),
            ("^(?:)$", "", true), ("^é+$", "éé", true), ("x*", "", true),
        ])
    func matches(pattern: String, text: String, expected: Bool) throws {
        #expect(try RegularExpression(pattern).matches(text) == expected)
    }

    @Test(
        "refuse what Go refuses, and what is beyond the bounds",
        arguments: [
            "(", ")", "a)", "[a", "*a", "a**", "a+*", "a{1001}", "a{3,2}", #"\pL"#, #"\8"#, #"\"#, "(?x)a", "[z-a]",
            "[[:none:]]", "(?=a)", "(?<a", "((a{1000}){1000}){1000}", String(repeating: "(", count: 200),
            String(repeating: "a", count: 1001),
        ])
    func refuses(pattern: String) {
        #expect(throws: ActionError.self) { try RegularExpression(pattern) }
    }

    @Test("take linear time on patterns that make others hang", .timeLimit(.minutes(1)))
    func linear() throws {
        let text = String(repeating: "a", count: 5_000) + "!"
        for pattern in ["^(a+)+$", "^(a|a)*$", "^(a*)*b$", "(.*)(.*)(.*)(.*)(.*)x", "^(a?){50}a{50}$"] {
            #expect(try !RegularExpression(pattern).matches(text))
        }
    }
}

@Suite("Patterns of kinds")
struct DottedGlobTests {
    @Test(
        "treat the dot as a border",
        arguments: [
            ("*", "pods", true), ("*", "deployments.apps", false), ("**", "deployments.apps", true),
            ("*.apps", "deployments.apps", true), ("*.apps", "deployments.apps.io", false),
            ("deployments.*", "deployments.apps", true), ("*.k8s.io", "roles.rbac.k8s.io", false),
            ("**.k8s.io", "roles.rbac.k8s.io", true), ("p?ds", "pods", true), ("p?ds", "pds", false),
            ("[pq]ods", "qods", true), ("[!p]ods", "pods", false), ("{pods,secrets}", "secrets", true),
            ("{pods,secrets}", "services", false), ("pods", "pods", true), ("po", "pods", false), (#"\*"#, "*", true),
        ])
    func matches(pattern: String, name: String, expected: Bool) throws {
        #expect(try DottedGlob(pattern).matches(name) == expected)
    }

    @Test("refuse broken ones", arguments: ["{a", "[a", String(repeating: "{a,b}", count: 8)])
    func refuses(pattern: String) {
        #expect(throws: ActionError.self) { try DottedGlob(pattern) }
    }
}
