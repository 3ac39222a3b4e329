import KubernetesModel
import Testing

@Suite struct SelectorTests {
    @Test(arguments: [
        ("", ["a": "b"], true), ("a=b", ["a": "b"], true), ("a==b", ["a": "c"], false), ("a!=b", [:], true),
        ("a!=b", ["a": "b"], false), ("a", ["a": ""], true), ("!a", ["a": ""], false), ("!a", [:], true),
        ("a in (x,y)", ["a": "y"], true), ("a in (x, y)", ["a": "z"], false), ("a in (x)", [:], false),
        ("a notin (x,y)", [:], true), ("a notin (x,y)", ["a": "x"], false), ("a=", ["a": ""], true),
        ("a in (,x)", ["a": ""], true), ("n>5", ["n": "6"], true), ("n>5", ["n": "5"], false),
        ("n<5", ["n": "x"], false), ("a=b,c!=d,e in (x,y),!f,g notin (z),h", ["a": "b", "e": "x", "h": "1"], true),
        ("a=b,c=d", ["a": "b"], false),
        ("example.com/app = web , tier", ["example.com/app": "web", "tier": "1"], true),
        ("in in (in)", ["in": "in"], true), ("a,", [:], false),
    ]) func `selects`(text: String, labels: [String: String], matches: Bool) throws {
        if text == "a," {
            #expect(throws: SelectorError.self) { try LabelSelector(parsing: text) }
            return
        }
        let selector = try LabelSelector(parsing: text)
        #expect(selector.matches(labels) == matches)
        #expect(try LabelSelector(parsing: selector.description) == selector)
    }

    @Test(arguments: [
        "=", "a=b c", "a in", "a in x", "a in (x", "a in ()", "a notin (x,y", ",", ",a", "!", "!a=b", "a=b=c", "a!b",
        "(a)",
        "a b", "-a=b", "a=-b", "a/b/c=d", "/a", "A_b.c/d=e", "n>x", "a=b,,c=d", "a in (b c)",
    ]) func `refuses with a reason`(text: String) {
        #expect {
            _ = try LabelSelector(parsing: text)
        } throws: {
            !(($0 as? SelectorError)?.message.isEmpty ?? true)
        }
    }

    @Test func `reads and writes the object form`() throws {
        let json: JSONValue = [
            "matchLabels": ["a": "b"],
            "matchExpressions": [
                ["key": "e", "operator": "In", "values": ["y", "x"]], ["key": "f", "operator": "DoesNotExist"],
                ["key": "g", "operator": "NotIn", "values": ["z"]], ["key": "h", "operator": "Exists"],
            ],
        ]
        let selector = try LabelSelector(json)
        #expect(selector.description == "a=b,e in (x,y),!f,g!=z,h")
        #expect(try LabelSelector(try #require(selector.json)) == selector)
        #expect(try LabelSelector([:]).isEverything)
        #expect(try LabelSelector(parsing: "n>5").json == nil)
    }

    @Test(
        arguments: [
            [], ["matchLabels": []], ["matchLabels": ["a": 1]], ["matchExpressions": [:]],
            ["matchExpressions": [["key": "a"]]],
            ["matchExpressions": [["key": "a", "operator": "Gt", "values": ["1"]]]],
            ["matchExpressions": [["key": "a", "operator": "In"]]],
            ["matchExpressions": [["key": "a", "operator": "Exists", "values": ["x"]]]],
            ["matchExpressions": [["key": "a", "operator": "In", "values": [1]]]], ["matchLabels": ["bad key": "a"]],
        ] as [JSONValue]) func `refuses objects that are no selectors`(json: JSONValue)
    {
        #expect(throws: SelectorError.self) { try LabelSelector(json) }
    }

    @Test func `field selectors compare fields, with escapes`() throws {
        let selector = try FieldSelector(parsing: "metadata.name=a,metadata.namespace!=b,x==c\\,d")
        #expect(selector.requirements.count == 3)
        let fields = ["metadata.name": "a", "metadata.namespace": "c", "x": "c,d"]
        #expect(selector.matches { fields[$0] ?? "" })
        #expect(!selector.matches { $0 == "metadata.namespace" ? "b" : fields[$0] ?? "" })
        #expect(try FieldSelector(parsing: selector.description) == selector)
        #expect(try FieldSelector(parsing: "").requirements.isEmpty)
        #expect(throws: SelectorError.self) { try FieldSelector(parsing: "metadata.name") }
        #expect(throws: SelectorError.self) { try FieldSelector(parsing: "a=b\\c") }
    }
}
