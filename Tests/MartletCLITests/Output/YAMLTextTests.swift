import KubernetesModel
import MartletCLI
import Testing

@Suite struct `YAML for people` {
    @Test func `is laid out as kubectl does`() throws {
        let json = try JSONValue(
            parsing: #"{"spec":{"ttl":"720h0m0s","includedNamespaces":["*"],"hooks":{},"b":true,"count":1.0,"z":null},"#
                + #""list":[{"b":1,"a":[1,[2,3]]},"x",[]],"text":"one\ntwo\n","cut":"one\ntwo"}"#)
        #expect(
            YAMLText.text(json) == """
                cut: |-
                  one
                  two
                list:
                - a:
                  - 1
                  -
                    - 2
                    - 3
                  b: 1
                - x
                - []
                spec:
                  b: true
                  count: 1.0
                  hooks: {}
                  includedNamespaces:
                  - "*"
                  ttl: 720h0m0s
                  z: null
                text: |
                  one
                  two

                """)
    }

    @Test(arguments: [
        "", "true", "No", "null", "~", "1", "1.5", "0x1F", "1e3", "2026-11-22", "12:30", "a: b", "a #b", "- a", "'a",
        " a", "a ",
        "a:", "\u{7}", "@a", "{a}", "a\tb",
    ])
    func `quotes what could be taken for something else`(text: String) {
        #expect(YAMLText.text(.object(["k": .string(text)])).hasPrefix("k: \""))
    }

    @Test(arguments: ["a", "a/b:c", "app.kubernetes.io/name", "http://h:1/p", "10Gi", "v1", "a b", "-1"])
    func `leaves the rest plain where it can`(text: String) {
        let line = YAMLText.text(.object(["k": .string(text)]))
        #expect(line == "k: \(text)\n" || line == "k: \"\(text)\"\n")
    }
}
