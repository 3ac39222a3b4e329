import KubernetesModel
import MartletTestSupport
import Testing

/// The comparison of the practice cluster with the real API server covers more: its patches go through this code.
@Suite struct StrategicMergePatchTests {
    private let pod: JSONValue = [
        "apiVersion": "v1", "kind": "Pod",
        "metadata": ["name": "p", "finalizers": ["a", "b"]],
        "spec": [
            "containers": [
                ["name": "web", "image": "web:1", "env": [["name": "A", "value": "1"]], "args": ["x"]],
                ["name": "side", "image": "side:1"],
            ], "volumes": [["name": "v", "emptyDir": [:]]],
        ],
    ]

    /// New elements come before those that the patch does not name: as the API server orders them.
    @Test func `elements are found by their merge key, at every depth`() throws {
        let result = try StrategicMergePatch([
            "spec": ["containers": [["name": "web", "image": "web:2", "env": [["name": "B", "value": "2"]]]]]
        ]).applied(to: pod)
        let web = result["spec", "containers"]?.array?[0]
        #expect(web?["image"] == "web:2")
        #expect(web?["env"] == [["name": "B", "value": "2"], ["name": "A", "value": "1"]])
        #expect(result["spec", "containers"]?.array?.count == 2)
    }

    @Test func `directives delete, replace, retain and order`() throws {
        func apply(_ spec: JSONValue) throws -> JSONValue? {
            try StrategicMergePatch(["spec": spec]).applied(to: pod)["spec"]
        }
        #expect(
            try apply(["containers": [["name": "side", "$patch": "delete"]]])?["containers"]?.array?.count == 1)
        #expect(
            try apply(["containers": [["name": "new"], ["$patch": "replace"]]])?["containers"] == [["name": "new"]])
        #expect(
            try apply(["volumes": [["name": "v", "$retainKeys": ["name", "secret"], "secret": ["secretName": "s"]]]])?[
                "volumes"] == [["name": "v", "secret": ["secretName": "s"]]])
        let order = try apply(["$setElementOrder/containers": [["name": "side"], ["name": "web"]]])
        #expect(order?["containers"]?.array?.compactMap { $0["name"]?.string } == ["side", "web"])
        #expect(try apply(["$patch": "replace", "nodeName": "n"]) == ["nodeName": "n"])
    }

    @Test func `sets of plain values grow and shrink`() throws {
        let grown = try StrategicMergePatch(["metadata": ["finalizers": ["b", "c"]]]).applied(to: pod)
        #expect(grown["metadata", "finalizers"] == ["a", "b", "c"])
        let shrunk = try StrategicMergePatch(["metadata": ["$deleteFromPrimitiveList/finalizers": ["a"]]]).applied(
            to: pod)
        #expect(shrunk["metadata", "finalizers"] == ["b"])
    }

    @Test func `lists without a merge key are replaced`() throws {
        let result = try StrategicMergePatch(["spec": ["containers": [["name": "web", "args": ["y"]]]]]).applied(
            to: pod)
        #expect(result["spec", "containers"]?.array?[0]["args"] == ["y"])
    }

    @Test func `what it cannot do is refused by code`() throws {
        func code(_ patch: JSONValue, _ object: JSONValue) -> PatchError.Code? {
            do throws(PatchError) {
                _ = try StrategicMergePatch(patch).applied(to: object)
                return nil
            } catch { return error.code }
        }
        #expect(code([:], ["apiVersion": "example.com/v1", "kind": "Foo"]) == .unsupported)
        #expect(code(["spec": ["containers": [["image": "x"]]]], pod) == .malformed)
        #expect(code(["spec": ["$patch": "explode"]], pod) == .malformed)
        #expect(code(["spec": ["$setElementOrder/containers": "x"]], pod) == .malformed)
    }

    @Test(arguments: [
        ("v1", "Service", "spec", "ports", "port"), ("v1", "ServiceAccount", "", "secrets", "name"),
        ("v1", "Node", "status", "addresses", "type"), ("storage.k8s.io/v1", "CSINode", "spec", "drivers", "name"),
        ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "", "webhooks", "name"),
    ]) func `other kinds have merge keys too`(
        apiVersion: String, kind: String, parent: String, list: String, key: String
    ) throws {
        let path = parent.isEmpty ? [list] : [parent, list]
        var object: JSONValue = ["apiVersion": .string(apiVersion), "kind": .string(kind)]
        object[path] = [[key: "a", "x": 1]]
        var patch: JSONValue = [:]
        patch[path] = [[key: "a", "y": 2], [key: "b"]]
        let result = try StrategicMergePatch(patch).applied(to: object)
        #expect(result[path] == [[key: "a", "x": 1, "y": 2], [key: "b"]])
    }
}
