import KubernetesModel
import MartletTestSupport
import Testing

@Suite struct JSONParserTests {
    @Test(arguments: 0..<200) func `what was written is read back, and every prefix fails cleanly`(seed: Int) throws {
        var random = RandomJSON(generator: SeededGenerator(seed: UInt64(seed)))
        let value = random.object()
        let bytes = value.serialized()
        #expect(try JSONValue(parsing: bytes) == value)
        #expect(try JSONValue(parsing: value.prettyPrinted()) == value)
        #expect(value.serialized() == bytes)
        for length in 0..<bytes.count {
            #expect(throws: JSONError.self) { try JSONValue(parsing: bytes.prefix(length)) }
        }
    }

    @Test(arguments: 0..<200) func `a damaged document is refused or read, never a trap`(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        var random = RandomJSON(generator: generator)
        var bytes = random.object().serialized()
        for _ in 0..<20 where !bytes.isEmpty {
            bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            _ = try? JSONValue(parsing: bytes)  // Either is fine.
        }
    }

    @Test(arguments: [
        "1.0", "1e3", "18446744073709551615", "-0", "0.10", "1E+05", "123456789012345678901234567890e-400",
    ])
    func `numbers keep their spelling`(number: String) throws {
        let text = "{\"n\":\(number)}"
        #expect(try JSONValue(parsing: text).serialized() == Array(text.utf8))
    }

    @Test(arguments: [
        "", " ", "{", "[1,", "{\"a\"", "{\"a\":", "\"", "\"\\", "\"\\u12", "tru", "-", "1.", "1e", "[1 2]", "{\"a\" 1}",
        "{a:1}", "[1,]", "{\"a\":1,}", "01", "+1", ".5", "1.e3", "nul", "TRUE", "\"\u{1}\"", "\"\\x\"", "\"\\u12G4\"",
        "[]]", "1 2", "{\"a\":1}x", "NaN", "Infinity", "'a'", "/* */1",
    ]) func `no JSON is refused`(text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    }

    @Test func `bytes that are no UTF-8 are refused where they stand`() {
        let bytes: [UInt8] = Array("{\"a\":\"".utf8) + [0xFF, 0xFE] + Array("\"}".utf8)
        #expect {
            try JSONValue(parsing: bytes)
        } throws: {
            ($0 as? JSONError)?.code == .invalidUTF8
        }
        let overlong: [UInt8] = [0x22, 0xC0, 0x80, 0x22]
        #expect(throws: JSONError.self) { try JSONValue(parsing: overlong) }
        let surrogate: [UInt8] = [0x22, 0xED, 0xA0, 0x80, 0x22]
        #expect(throws: JSONError.self) { try JSONValue(parsing: surrogate) }
    }

    @Test(arguments: [
        ("\"\\ud83d\\ude00\"", "😀"), ("\"\\ud83d\"", "\u{FFFD}"), ("\"\\ude00\"", "\u{FFFD}"),
        ("\"\\ud83dx\"", "\u{FFFD}x"), ("\"\\ud83d\\n\"", "\u{FFFD}\n"), ("\"\\ud83d\\u0041\"", "\u{FFFD}A"),
        ("\"\\ud83d\\ud83d\\ude00\"", "\u{FFFD}😀"), ("\"\\u0000\\/\\b\\f\"", "\u{0}/\u{8}\u{C}"),
    ]) func `escapes are read as Go reads them`(text: String, expected: String) throws {
        #expect(try JSONValue(parsing: text) == .string(expected))
    }

    @Test func `depth is bounded`() throws {
        let deep = String(repeating: "[", count: JSONValue.maximumDepth)
        #expect(throws: JSONError.self) { try JSONValue(parsing: deep + "1" + deep.replacing("[", with: "]")) }
        let allowed = String(repeating: "[", count: JSONValue.maximumDepth - 1)
        _ = try JSONValue(parsing: allowed + "1" + allowed.replacing("[", with: "]"))
        let bomb = String(repeating: "{\"a\":", count: 1_000_000)
        #expect(throws: JSONError.self) { try JSONValue(parsing: bomb) }
    }

    @Test func `of a key written twice the last value counts`() throws {
        #expect(try JSONValue(parsing: "{\"a\":1,\"a\":2}") == ["a": 2])
    }

    @Test(arguments: [
        ("1", "1.0", true), ("10", "1e1", true), ("0", "-0.0e5", true), ("100000", "1E5", true), ("0.5", "5e-1", true),
        ("1", "2", false), ("1", "-1", false), ("18446744073709551615", "18446744073709551616", false),
        ("1e400", "10e399", true), ("1e99999999999999999999", "1e99999999999999999998", false),
    ]) func `numbers are compared by value, exactly`(left: String, right: String, isSame: Bool) throws {
        #expect(try JSONValue(parsing: left).isEquivalent(to: JSONValue(parsing: right)) == isSame)
    }

    @Test func `speed on typical objects`() throws {
        let text = """
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-0","namespace":"default","uid":"3f0fbfd3-19c1-473d",\
            "resourceVersion":"318","creationTimestamp":"2026-11-22T11:11:47Z","labels":{"app":"web","tier":"front"}},\
            "spec":{"volumes":[{"name":"v","secret":{"secretName":"s","defaultMode":420}}],"containers":[{"name":"c",\
            "image":"registry.example/web:1.2.3","resources":{"requests":{"cpu":"100m","memory":"128Mi"}},\
            "volumeMounts":[{"name":"v","readOnly":true,"mountPath":"/var/run/secrets"}],"imagePullPolicy":"Always"}],\
            "restartPolicy":"Always","terminationGracePeriodSeconds":30},"status":{"phase":"Pending"}}
            """
        let bytes = Array(text.utf8)
        let rounds = 20_000
        var members = 0
        let clock = ContinuousClock()
        let parsing = try clock.measure {
            for _ in 0..<rounds { members += try JSONValue(parsing: bytes).object?.count ?? 0 }
        }
        let value = try JSONValue(parsing: bytes)
        var written = 0
        let writing = clock.measure {
            for _ in 0..<rounds { written += value.serialized().count }
        }
        #expect(members == rounds * 5 && written == rounds * bytes.count)
        func rate(_ duration: Duration) -> Int { Int(Double(bytes.count * rounds) / 1e6 / (duration / .seconds(1))) }
        print("JSON: parsing \(rate(parsing)) MB/s, writing \(rate(writing)) MB/s")
    }
}
