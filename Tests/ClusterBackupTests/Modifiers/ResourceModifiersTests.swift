import ClusterBackup
import KubernetesModel
import Testing

@Suite("Resource modifiers")
struct ResourceModifiersTests {
    private let claims = GroupResource("persistentvolumeclaims")

    private func claim(_ name: String = "mysql-data", namespace: String = "foo", storageClass: String = "premium")
        throws
        -> APIObject
    {
        try .parsed(
            """
            {"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"\(name)","namespace":"\(namespace)",
            "labels":{"foo":"bar"},"annotations":{"foo":"x"}},"spec":{"storageClassName":"\(storageClass)","replicas":1}}
            """)
    }

    private func apply(_ yaml: String, to object: APIObject) throws -> (APIObject, [String]) {
        var changed = object
        let problems = try ResourceModifiers(parsing: yaml).apply(to: &changed, stored: object, resource: claims)
        return (changed, problems)
    }

    @Test("apply JSON patches to what the conditions choose")
    func jsonPatch() throws {
        let yaml = """
            version: v1
            resourceModifierRules:
            - conditions:
                groupResource: persistentvolumeclaims
                resourceNameRegex: "^mysql.*$"
                namespaces: [bar, foo]
                labelSelector: {matchLabels: {foo: bar}}
                matches:
                - {path: "/spec/storageClassName", value: premium}
              patches:
              - {operation: replace, path: "/spec/storageClassName", value: standard}
              - {operation: add, path: "/spec/number", value: "3"}
              - {operation: add, path: "/spec/text", value: "\\"3\\""}
              - {operation: add, path: "/spec/list", value: "[1, true]"}
              - {operation: remove, path: "/metadata/labels/foo"}
              - {operation: copy, from: "/metadata/name", path: "/spec/copy"}
            """
        let (changed, problems) = try apply(yaml, to: claim())
        #expect(problems.isEmpty)
        #expect(changed.json["spec", "storageClassName"] == "standard")
        #expect(changed.json["spec", "number"] == 3)
        #expect(changed.json["spec", "text"] == "3")
        #expect(changed.json["spec", "list"] == [1, true])
        #expect(changed.json["spec", "copy"] == "mysql-data")
        #expect(changed.labels.isEmpty)
        for other in [
            try claim("redis"), try claim(namespace: "baz"), try claim(storageClass: "standard"),
        ] {
            #expect(try apply(yaml, to: other).0 == other)
        }
    }

    @Test("apply merge and strategic patches, as JSON or YAML text")
    func mergePatches() throws {
        let (changed, problems) = try apply(
            """
            version: v1
            resourceModifierRules:
            - conditions: {groupResource: "*"}
              mergePatches:
              - patchData: "{\\"metadata\\":{\\"annotations\\":{\\"foo\\":null}}}"
              - patchData: |
                  spec:
                    resources:
                      requests: {storage: 1Gi}
            - conditions: {groupResource: persistentvolumeclaims}
              strategicPatches:
              - patchData: |
                  metadata:
                    labels: {added: "yes"}
            """, to: claim())
        #expect(problems.isEmpty)
        #expect(changed.annotations.isEmpty)
        #expect(changed.json["spec", "resources", "requests", "storage"] == "1Gi")
        #expect(changed.labels == ["foo": "bar", "added": "yes"])
    }

    @Test("leave a rule out whose test fails, and report one that cannot be applied")
    func failures() throws {
        let yaml = """
            version: v1
            resourceModifierRules:
            - conditions: {groupResource: persistentvolumeclaims}
              patches:
              - {operation: test, path: "/spec/replicas", value: "2"}
              - {operation: replace, path: "/spec/replicas", value: "9"}
            - conditions: {groupResource: persistentvolumeclaims}
              patches:
              - {operation: remove, path: "/spec/nothing"}
            - conditions: {groupResource: persistentvolumeclaims}
              patches:
              - {operation: replace, path: "/spec/replicas", value: "4"}
            """
        let (changed, problems) = try apply(yaml, to: claim())
        #expect(problems.count == 1)
        #expect(problems.first?.contains("rule 2") == true)
        #expect(changed.json["spec", "replicas"] == 4)
    }

    @Test(
        "refuse what is not exactly understood",
        arguments: [
            "", "version: v2", "version: v1\nrules: []", "a: [", "version: v1\nversion: v1",
            "version: v1\nresourceModifierRules:\n- patches: [{operation: remove, path: /a}]",
            rule("conditions: {groupResource: pods, name: x}\n  patches: [{operation: remove, path: /a}]"),
            rule("conditions: {groupResource: pods}"),
            rule(
                "conditions: {groupResource: pods}\n  patches: [{operation: remove, path: /a}]\n  mergePatches: [{patchData: '{}'}]"
            ),
            rule("conditions: {groupResource: pods}\n  patches: [{operation: explode, path: /a}]"),
            rule("conditions: {groupResource: pods}\n  patches: [{operation: remove, path: a}]"),
            rule("conditions: {groupResource: pods}\n  mergePatches: [{patchData: '[1]'}]"),
            rule(
                "conditions: {groupResource: pods, resourceNameRegex: '('}\n  patches: [{operation: remove, path: /a}]"),
            rule("conditions: {groupResource: '[', }\n  patches: [{operation: remove, path: /a}]"),
        ])
    func refuses(yaml: String) {
        #expect(throws: ActionError.self) { try ResourceModifiers(parsing: yaml) }
    }

    private static func rule(_ text: String) -> String { "version: v1\nresourceModifierRules:\n- \(text)\n" }

    @Test("refuse YAML that blows up", .timeLimit(.minutes(1)))
    func bomb() {
        var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            yaml += "a\(level): &a\(level) [\(aliases)]\n"
        }
        #expect(throws: ActionError.self) { try YAMLDocument.json(yaml) }
    }

    @Test(
        "read plain scalars as Kubernetes does",
        arguments: [
            ("a: 1", #"{"a":1}"#), ("a: '1'", #"{"a":"1"}"#), ("a: true", #"{"a":true}"#), ("a: ~", #"{"a":null}"#),
            ("a: text", #"{"a":"text"}"#), ("a: [1, x]", #"{"a":[1,"x"]}"#), ("a: 0x10", #"{"a":16}"#), ("", "null"),
        ])
    func scalars(yaml: String, json: String) throws {
        #expect(try YAMLDocument.json(yaml) == JSONValue(parsing: json))
    }
}
