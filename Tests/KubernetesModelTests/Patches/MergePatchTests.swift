import KubernetesModel
import MartletTestSupport
import Testing

@Suite struct MergePatchTests {
    /// The table of RFC 7386, appendix A: original, patch, result.
    @Test(arguments: [
        (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
        (#"{"a":"b"}"#, #"{"a":null}"#, "{}"), (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
        (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
        (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
        (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#), (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
        (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#), (#"{"a":"foo"}"#, "null", "null"),
        (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
        (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#), ("[1,2]", #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
        ("{}", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
    ]) func `applies`(original: String, patch: String, result: String) throws {
        let applied = MergePatch(try JSONValue(parsing: patch)).applied(to: try JSONValue(parsing: original))
        #expect(try applied == JSONValue(parsing: result))
    }

    @Test(arguments: 0..<500) func `the difference of two objects turns one into the other`(seed: Int) {
        var random = RandomJSON(generator: SeededGenerator(seed: UInt64(seed)))
        let old = random.object()
        // Half of the time a relative of the old one.
        var new = random.object()
        if seed.isMultiple(of: 2), case .object(let members) = new {
            new = old
            for (key, value) in members { new[key] = value }
            if let first = old.object?.keys.min() { new[first] = nil }
        }
        let patch = MergePatch(from: old, to: new)
        #expect(patch.applied(to: old).withoutNullMembers == new.withoutNullMembers, "seed \(seed)")
        #expect(MergePatch(from: new, to: new).isEmpty)
    }

    @Test func `the difference says only what changed`() {
        let old: JSONValue = ["spec": ["replicas": 1, "paused": true, "list": [1, 2]], "same": "x"]
        let new: JSONValue = ["spec": ["replicas": 2, "list": [1, 2]], "same": "x"]
        #expect(MergePatch(from: old, to: new).json == ["spec": ["replicas": 2, "paused": .null]])
    }
}
