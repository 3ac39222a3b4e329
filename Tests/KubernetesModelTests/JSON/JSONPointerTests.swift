import KubernetesModel
import Testing

@Suite struct JSONPointerTests {
    /// The example of RFC 6901, section 5.
    @Test(arguments: [
        ("/foo", #"["bar","baz"]"#), ("/foo/0", #""bar""#), ("/", "0"), ("/a~1b", "1"), ("/c%d", "2"), ("/e^f", "3"),
        ("/g|h", "4"), ("/i\\j", "5"), ("/k\"l", "6"), ("/ ", "7"), ("/m~0n", "8"),
    ]) func `finds`(text: String, expected: String) throws {
        let document = try JSONValue(
            parsing: #"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#)
        let pointer = try #require(JSONPointer(parsing: text))
        #expect(try document[pointer] == JSONValue(parsing: expected))
        #expect(pointer.description == text)
    }

    @Test(arguments: ["foo", "/a~", "/a~2", "#/a"]) func `is no pointer`(text: String) {
        #expect(JSONPointer(parsing: text) == nil)
    }

    @Test func `what is not there is nil`() throws {
        let document: JSONValue = ["a": [1], "b": "text"]
        for text in ["/none", "/a/1", "/a/-", "/a/01", "/b/0", "/a/0/x"] {
            #expect(document[try #require(JSONPointer(parsing: text))] == nil)
        }
        #expect(document[JSONPointer([])] == document)
    }
}
