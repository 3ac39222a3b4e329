import KubernetesModel
import MartletTestSupport
import Testing

/// Takes everything out of a list that comes in the given pieces.
func split(
    _ pieces: [[UInt8]], apiVersion: String = "v1", kind: String = "Thing", largestItem: Int = 64 << 20
) throws(ListError) -> (items: [RawObject], header: ListHeader) {
    var splitter = ListSplitter(apiVersion: apiVersion, kind: kind, largestItem: largestItem)
    var items: [RawObject] = []
    for piece in pieces {
        splitter.append(piece)
        while let item = try splitter.next() { items.append(item) }
    }
    items += try splitter.finish()
    return (items, splitter.header)
}

private let typedList = #"""
    {"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"77","continue":"abc","remainingItemCount":12},
    "items":[
     {"metadata":{"name":"a","namespace":"n","labels":{"app":"x","q":"\"\\\u00e4"},"managedFields":[{"f:data":{".":{}}}]},
      "data":{"k":"}]\"{[","n":"line\nline"}},
     {"metadata":{"name":"b","deletionTimestamp":"2026-01-01T00:00:00Z","annotations":{"note":"ü"}},"number":1.0e3},
     {}
    ]}
    """#

@Suite struct ListSplitterTests {
    @Test(arguments: 1...40)
    func `the items do not depend on how the bytes were cut`(size: Int) throws {
        let bytes = Array(typedList.utf8)
        let pieces = stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
        let (items, header) = try split(pieces)
        #expect(items.map(\.name) == ["a", "b", ""])
        #expect(items.map(\.kind) == ["ConfigMap", "ConfigMap", "ConfigMap"])
        #expect(items.map(\.apiVersion) == ["v1", "v1", "v1"])
        #expect(items.map(\.namespace) == ["n", nil, nil])
        #expect(items[0].labels == ["app": "x", "q": "\"\\ä"])
        #expect(items[1].annotations == ["note": "ü"])
        #expect(items.map(\.isBeingDeleted) == [false, true, false])
        #expect(header.continueToken == "abc")
        #expect(header.resourceVersion == "77")
        #expect(header.remainingItemCount == 12)
        #expect(String(decoding: items[2].bytes, as: UTF8.self) == #"{"apiVersion":"v1","kind":"ConfigMap"}"#)
        #expect(
            String(decoding: items[1].bytes, as: UTF8.self)
                == #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b","deletionTimestamp":"2026-01-01T00:00:00Z","#
                + #""annotations":{"note":"ü"}},"number":1.0e3}"#)
    }

    @Test func `every split into two pieces gives the same items`() throws {
        let bytes = Array(typedList.utf8)
        let whole = try split([bytes]).items.map(\.bytes)
        for cut in 0...bytes.count {
            let items = try split([Array(bytes[..<cut]), Array(bytes[cut...])]).items
            #expect(items.map(\.bytes) == whole, "cut at \(cut)")
        }
    }

    @Test func `items that name their kind stay as they are, whatever comes after them`() throws {
        let item =
            #"{ "apiVersion":"g/v1" , "kind":"Widget","metadata":{"name":"w"}, "spec":{"big":18446744073709551615}}"#
        let list =
            #"{"apiVersion":"g/v1","items":[\#(item)],"kind":"WidgetList","metadata":{"continue":"","resourceVersion":"5"}}"#
        let (items, header) = try split([Array(list.utf8)], apiVersion: "g/v1", kind: "Widget")
        #expect(items.map { String(decoding: $0.bytes, as: UTF8.self) } == [item])
        #expect(header.continueToken == nil)
        #expect(header.resourceVersion == "5")
        #expect(header.kind == "WidgetList")
    }

    @Test func `the kind that was asked for fills in when the list names its own too late`() throws {
        let list = #"{"items":[{"metadata":{"name":"w"}},{"kind":"Other"}],"kind":"WidgetList","apiVersion":"g/v1"}"#
        let items = try split([Array(list.utf8)], apiVersion: "g/v1", kind: "Widget").items
        #expect(items.map(\.kind) == ["Widget", "Other"])
        #expect(items.map(\.apiVersion) == ["g/v1", "g/v1"])
        #expect(try items.map { try $0.decoded().kind } == ["Widget", "Other"])
    }

    @Test(arguments: ["{}", #"{"items":null}"#, #"{"items":[]}"#, #" { "items" : [ ] , "kind" : "PodList" } "#])
    func `a list without items is empty`(list: String) throws {
        #expect(try split([Array(list.utf8)]).items.isEmpty)
    }

    @Test(arguments: [
        (#"{"items":[{"a":1}"#, ListError.Code.truncated),
        (#"{"items":[{"a":"x"#, .truncated),
        ("", .truncated),
        (#"{"items":[1]}"#, .malformed),
        (#"{"items":{}}"#, .malformed),
        (#"{"items":[{"a":1}{"b":2}]}"#, .malformed),
        (#"{"items":[{"a":[1}]}]}"#, .malformed),
        (#"{"items":[]} x"#, .malformed),
        (#"[]"#, .malformed),
        ("<html>", .malformed),
        ("{\"items\":[{\"a\":\"x\u{1}\"}]}", .malformed),
    ])
    func `what is no list is refused`(list: String, code: ListError.Code) {
        #expect { try split([Array(list.utf8)]) } throws: { ($0 as? ListError)?.code == code }
    }

    @Test func `an item that never ends is refused at its limit, not when memory is gone`() {
        let endless = Array(#"{"items":[{"a":""#.utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 10_000)
        let pieces = stride(from: 0, to: endless.count, by: 100).map {
            Array(endless[$0..<min($0 + 100, endless.count)])
        }
        #expect { try split(pieces, largestItem: 4_096) } throws: { ($0 as? ListError)?.code == .itemTooLarge }
    }

    @Test(arguments: ["[", #"{"a":"#])
    func `nesting beyond the limit is refused`(opening: String) {
        let list = #"{"items":[{"a":"# + String(repeating: opening, count: 100_000)
        #expect { try split([Array(list.utf8)]) } throws: { ($0 as? ListError)?.code == .tooDeep }
    }

    @Test func `what the parser finds in a valid list, the splitter finds too`() throws {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<2_000 {
            let list = RandomList(using: &random)
            let bytes = Array(list.text.utf8)
            let cut = Int.random(in: 0...bytes.count, using: &random)
            let items = try split([Array(bytes[..<cut]), Array(bytes[cut...])]).items
            let expected = try #require(try JSONValue(parsing: bytes)["items"]?.array)
            #expect(items.count == expected.count)
            for (item, json) in zip(items, expected) { try expectSame(item, APIObject(json)) }
        }
    }

    @Test func `mutated bytes are split or refused, and agree with the parser when it accepts them`() throws {
        var random = SeededGenerator(seed: 3)
        let alphabet = Array(#"{}[]":,\0e-tn \#u{1}\#u{FF}"#.utf8)
        for _ in 0..<5_000 {
            var bytes = Array(RandomList(using: &random).text.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                bytes[index] = alphabet.randomElement(using: &random) ?? 0
            }
            guard let json = try? JSONValue(parsing: bytes), json.object != nil else {
                _ = try? split([bytes])  // Whatever it says, it must not trap.
                continue
            }
            guard json["items"]?.array?.allSatisfy({ $0.object != nil }) ?? false else { continue }
            guard !hasRepeatedItems(bytes) else { continue }
            let items = try split([bytes]).items
            let expected = json["items"]?.array ?? []
            #expect(items.count == expected.count)
            for (item, json) in zip(items, expected) { try expectSame(item, APIObject(json)) }
        }
    }

    /// A mutation may make a second key `items`; the parser keeps the last, the splitter has handed out the first.
    private func hasRepeatedItems(_ bytes: [UInt8]) -> Bool {
        String(decoding: bytes, as: UTF8.self).split(separator: #""items""#, omittingEmptySubsequences: false).count > 2
    }

    private func expectSame(_ item: RawObject, _ object: APIObject) throws {
        #expect(item.name == object.name)
        #expect(item.namespace == object.namespace)
        #expect(item.labels == object.labels)
        #expect(item.annotations == object.annotations)
        #expect(item.isBeingDeleted == object.isBeingDeleted)
        var json = try item.decoded().json
        if object.json["kind"] == nil { json["kind"] = nil }
        if object.json["apiVersion"] == nil { json["apiVersion"] = nil }
        #expect(json == object.json)
    }
}

/// A list with random items: keys in random order, odd strings, nested values.
private struct RandomList {
    let text: String

    init(using random: inout SeededGenerator) {
        let items = (0..<Int.random(in: 0...4, using: &random)).map { _ in RandomList.item(using: &random) }
        var members = [
            #""items":[\#(items.joined(separator: random.next() % 2 == 0 ? "," : " ,\n "))]"#,
            #""kind":"ThingList""#, #""apiVersion":"v1""#,
            #""metadata":{"resourceVersion":"1","continue":"\#(random.next() % 2 == 0 ? "" : "next")"}"#,
        ]
        members.shuffle(using: &random)
        text = "{\(members.joined(separator: ","))}"
    }

    private static func item(using random: inout SeededGenerator) -> String {
        var metadata = [#""name":\#(string(using: &random))"#]
        if random.next() % 2 == 0 { metadata.append(#""namespace":\#(string(using: &random))"#) }
        if random.next() % 2 == 0 {
            metadata.append(#""labels":{"a":\#(string(using: &random)),"b":\#(value(3, &random))}"#)
        }
        if random.next() % 2 == 0 { metadata.append(#""annotations":\#(value(2, &random))"#) }
        if random.next() % 4 == 0 { metadata.append(#""deletionTimestamp":\#(value(1, &random))"#) }
        metadata.append(#""managedFields":\#(value(4, &random))"#)
        metadata.shuffle(using: &random)
        var members = [#""metadata":{\#(metadata.joined(separator: ","))}"#, #""spec":\#(value(4, &random))"#]
        if random.next() % 2 == 0 { members.append(#""kind":"Own""#) }
        if random.next() % 2 == 0 { members.append(#""apiVersion":"own/v1""#) }
        members.shuffle(using: &random)
        return "{\(members.joined(separator: ", "))}"
    }

    private static func string(using random: inout SeededGenerator) -> String {
        let pieces = [
            "", "plain", "a longer text of more than eight bytes", #"\""#, #"\\"#, #"\u00fc"#, "ü", "}", "{[", #"\n"#,
            #"\ud83d\ude00"#,
        ]
        let count = Int.random(in: 0...3, using: &random)
        return "\"\((0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined())\""
    }

    private static func value(_ depth: Int, _ random: inout SeededGenerator) -> String {
        switch random.next() % (depth == 0 ? 5 : 7) {
        case 0: return "null"
        case 1: return "true"
        case 2: return ["0", "-1", "1.0", "1e3", "18446744073709551615"].randomElement(using: &random) ?? "0"
        case 3, 4: return string(using: &random)
        case 5:
            return "[\((0..<Int(random.next() % 3)).map { _ in value(depth - 1, &random) }.joined(separator: ","))]"
        default:
            let members = (0..<Int(random.next() % 3)).map { #""k\#($0)":\#(value(depth - 1, &random))"# }
            return "{\(members.joined(separator: ","))}"
        }
    }
}
