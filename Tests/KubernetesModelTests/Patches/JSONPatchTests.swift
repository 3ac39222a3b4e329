import KubernetesModel
import Testing

@Suite struct JSONPatchTests {
    /// The examples of RFC 6902, appendix A, and the corners around them: document, patch, result.
    @Test(arguments: [
        (#"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux"}]"#, #"{"baz":"qux","foo":"bar"}"#),
        (#"{"foo":["bar","baz"]}"#, #"[{"op":"add","path":"/foo/1","value":"qux"}]"#, #"{"foo":["bar","qux","baz"]}"#),
        (#"{"baz":"qux","foo":"bar"}"#, #"[{"op":"remove","path":"/baz"}]"#, #"{"foo":"bar"}"#),
        (#"{"foo":["bar","qux","baz"]}"#, #"[{"op":"remove","path":"/foo/1"}]"#, #"{"foo":["bar","baz"]}"#),
        (#"{"baz":"qux"}"#, #"[{"op":"replace","path":"/baz","value":"boo"}]"#, #"{"baz":"boo"}"#),
        (
            #"{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}"#,
            #"[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]"#,
            #"{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}"#
        ),
        (#"{"foo":["a","b","c"]}"#, #"[{"op":"move","from":"/foo/0","path":"/foo/2"}]"#, #"{"foo":["b","c","a"]}"#),
        (#"{"foo":"bar"}"#, #"[{"op":"add","path":"/child","value":{"a":{}}}]"#, #"{"child":{"a":{}},"foo":"bar"}"#),
        (#"{"foo":["bar"]}"#, #"[{"op":"add","path":"/foo/-","value":["abc"]}]"#, #"{"foo":["bar",["abc"]]}"#),
        (
            #"{"a/b":1,"m~n":2}"#, #"[{"op":"replace","path":"/a~1b","value":3},{"op":"remove","path":"/m~0n"}]"#,
            #"{"a/b":3}"#
        ),
        (#"{"a":1}"#, #"[{"op":"replace","path":"","value":[1]}]"#, "[1]"),
        (#"{"a":1}"#, #"[{"op":"test","path":"/a","value":1.0}]"#, #"{"a":1}"#),
        (
            #"{"a":{"b":1}}"#, #"[{"op":"copy","from":"/a","path":"/c"},{"op":"add","path":"/c/b","value":2}]"#,
            #"{"a":{"b":1},"c":{"b":2}}"#
        ),
        (#"{"":1}"#, #"[{"op":"remove","path":"/"}]"#, "{}"),
        (#"{"a":null}"#, #"[{"op":"test","path":"/a","value":null}]"#, #"{"a":null}"#),
        (#"{"a":1}"#, #"[{"op":"move","from":"/a","path":"/a"}]"#, #"{"a":1}"#),
        (#"{"a":1}"#, #"[{"op":"add","path":"/b","value":1,"extra":true}]"#, #"{"a":1,"b":1}"#),
    ]) func `applies`(document: String, patch: String, result: String) throws {
        let parsed = try JSONPatch(JSONValue(parsing: patch))
        #expect(try parsed.applied(to: JSONValue(parsing: document)) == JSONValue(parsing: result))
        #expect(try JSONPatch(parsed.json) == parsed)
    }

    @Test(arguments: [
        (#"{"a":1}"#, #"[{"op":"test","path":"/a","value":2}]"#, PatchError.Code.testFailed),
        (#"{"a":1}"#, #"[{"op":"test","path":"/b","value":2}]"#, .testFailed),
        (#"{"a":1}"#, #"[{"op":"remove","path":"/b"}]"#, .notFound),
        (#"{"a":1}"#, #"[{"op":"replace","path":"/b","value":1}]"#, .notFound),
        (#"{"a":1}"#, #"[{"op":"add","path":"/b/c","value":1}]"#, .notFound),
        (#"{"a":[1]}"#, #"[{"op":"add","path":"/a/2","value":1}]"#, .notFound),
        (#"{"a":[1]}"#, #"[{"op":"add","path":"/a/01","value":1}]"#, .notFound),
        (#"{"a":[1]}"#, #"[{"op":"remove","path":"/a/-"}]"#, .notFound),
        (#"{"a":"text"}"#, #"[{"op":"add","path":"/a/0","value":1}]"#, .notFound),
        (#"{"a":{"b":1}}"#, #"[{"op":"move","from":"/a","path":"/a/b"}]"#, .malformed),
        (#"{"a":1}"#, #"[{"op":"copy","from":"/none","path":"/b"}]"#, .notFound),
        ("{}", "{}", .malformed), ("{}", #"[{"op":"jump","path":"/a"}]"#, .malformed),
        ("{}", #"[{"path":"/a"}]"#, .malformed), ("{}", #"[{"op":"add","value":1}]"#, .malformed),
        ("{}", #"[{"op":"add","path":"/a"}]"#, .malformed), ("{}", #"[{"op":"add","path":"a","value":1}]"#, .malformed),
        ("{}", #"[{"op":"add","path":"/a~2","value":1}]"#, .malformed),
        ("{}", #"[{"op":"move","path":"/a"}]"#, .malformed),
    ]) func `refuses with a code`(document: String, patch: String, code: PatchError.Code) throws {
        let document = try JSONValue(parsing: document)
        let patch = try JSONValue(parsing: patch)
        #expect {
            try JSONPatch(patch).applied(to: document)
        } throws: {
            ($0 as? PatchError)?.code == code
        }
    }

    @Test func `copies that double the document are stopped`() throws {
        var operations: [JSONPatch.Operation] = []
        for number in 0..<40 {
            operations.append(.copy(from: JSONPointer([]), to: JSONPointer(["c\(number)"])))
        }
        #expect {
            try JSONPatch(operations).applied(to: ["a": 1])
        } throws: {
            ($0 as? PatchError)?.code == .tooLarge
        }
    }

    @Test func `a failed test does not tell the value`() throws {
        let patch = try JSONPatch([["op": "test", "path": "/password", "value": "guess"]])
        #expect {
            try patch.applied(to: ["password": "hunter2"])
        } throws: {
            !"\($0)".contains("hunter2") && !"\($0)".contains("guess") && "\($0)".contains("/password")
        }
    }
}
