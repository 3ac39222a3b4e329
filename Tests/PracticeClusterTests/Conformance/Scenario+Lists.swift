import HTTPTypes
import KubernetesModel

extension Scenario {
    static let lists = Scenario(
        name: "lists",
        known: [
            KnownDifference(question: "continue=nonsense", path: ["message"], reason: "the parser's own words"),
            KnownDifference(question: "labelSelector=a%20in", path: ["message"], reason: "the parser's own words"),
        ]
    ) { dialogue, paths in
        let maps = "\(paths.core)/configmaps"
        for (name, label) in [("a", "x"), ("b", "y"), ("c", "x"), ("d", "z")] {
            try await dialogue.silently(
                .post, maps, ["metadata": ["name": .string(name), "labels": ["l": .string(label)]]])
        }
        let only = "fieldSelector=metadata.name!%3Dkube-root-ca.crt"
        try await dialogue.ask(.get, "\(maps)?\(only)")
        try await dialogue.ask(.get, "\(maps)?labelSelector=l%3Dx")
        try await dialogue.ask(.get, "\(maps)?labelSelector=l%20in%20(x,y),!none")
        try await dialogue.ask(.get, "\(maps)?labelSelector=l!%3Dx,l")
        try await dialogue.ask(.get, "\(maps)?labelSelector=a%20in")
        try await dialogue.ask(.get, "\(maps)?fieldSelector=spec.none%3Dx")
        try await dialogue.ask(.get, "\(maps)?fieldSelector=metadata.name%3Db")
        let page = try await dialogue.ask(.get, "\(maps)?limit=2")
        let token = page["metadata", "continue"]?.string ?? ""
        try await dialogue.silently(.post, maps, ["metadata": ["name": "bb"]])
        try await dialogue.silently(.delete, "\(maps)/c")
        // The pages of one list show one moment: without `bb`, with `c`.
        try await dialogue.ask(.get, "\(maps)?limit=2&continue=\(token)")
        try await dialogue.ask(.get, "\(maps)?limit=2&continue=nonsense")
        try await dialogue.ask(.get, "\(maps)?limit=2&continue=\(token)&resourceVersion=5")
        try await dialogue.ask(.get, "\(maps)?resourceVersion=abc")
        try await dialogue.ask(.get, "\(maps)?limit=1&labelSelector=l")
        let partial = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
        try await dialogue.ask(.get, "\(maps)?labelSelector=l%3Dx", accept: partial)
        try await dialogue.ask(
            .get, "\(maps)/a", accept: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1")
        try await dialogue.ask(.get, "\(paths.core)/pods")
        try await dialogue.ask(.get, "\(paths.group("rbac.authorization.k8s.io/v1"))/roles")
    }

    static let definitions = Scenario(
        name: "definitions",
        known: [
            KnownDifference(
                question: "?kindless=1", path: ["message"],
                reason: "the decoder's own words")
        ]
    ) { dialogue, paths in
        let all = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        let name = "conformthings.practice.example"
        let schema: JSONValue = [
            "openAPIV3Schema": ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
        ]
        let definition: JSONValue = [
            "metadata": ["name": .string(name)],
            "spec": [
                "group": "practice.example", "scope": "Namespaced",
                "names": ["plural": "conformthings", "kind": "ConformThing", "shortNames": ["cth"]],
                "versions": [
                    [
                        "name": "v1", "served": true, "storage": true, "schema": schema,
                        "subresources": ["status": [:]],
                    ], ["name": "v1beta1", "served": true, "storage": false, "schema": schema],
                    ["name": "v1alpha1", "served": false, "storage": false, "schema": schema],
                ],
            ],
        ]
        try await dialogue.silently(.delete, "\(all)/\(name)")
        try await dialogue.wait(for: "\(all)/\(name)") { code, _ in code == 404 }
        try await dialogue.ask(.post, all, definition)
        try await dialogue.wait(for: "\(all)/\(name)") { _, answer in
            (answer["status", "conditions"]?.array ?? []).contains {
                $0["type"] == "Established" && $0["status"] == "True"
            }
        }
        try await dialogue.wait(for: "/apis/practice.example/v1") { code, _ in code == 200 }
        try await dialogue.wait(for: "/apis/practice.example/v1/conformthings") { code, _ in code == 200 }
        try await dialogue.ask(.get, "\(all)/\(name)")
        try await dialogue.ask(.get, "/apis/practice.example")
        try await dialogue.ask(.get, "/apis/practice.example/v1")
        try await dialogue.ask(.get, "/apis/practice.example/v1beta1")
        let things = "\(paths.group("practice.example/v1"))/conformthings"
        let body: JSONValue = [
            "apiVersion": "practice.example/v1", "kind": "ConformThing", "metadata": ["name": "t"],
            "spec": ["a": 1, "list": [1, 2]], "status": ["x": 1],
        ]
        let made = try await dialogue.ask(.post, things, body)
        try await dialogue.ask(.post, "\(things)?kindless=1", ["metadata": ["name": "u"]])
        var other = body
        other["metadata", "name"] = "T"
        try await dialogue.ask(.post, things, other)
        other["apiVersion"] = "practice.example/v1beta1"
        try await dialogue.ask(.post, things, other)
        try await dialogue.ask(.put, "\(things)/t", body)
        var changed = made
        changed["spec", "a"] = 2
        changed["status"] = ["x": 2]
        try await dialogue.ask(.put, "\(things)/t", changed)
        let merge = "application/merge-patch+json"
        try await dialogue.ask(.patch, "\(things)/t/status", ["spec": ["a": 3], "status": ["x": 3]], as: merge)
        try await dialogue.ask(.patch, "\(things)/t", ["spec": ["a": 4]], as: "application/strategic-merge-patch+json")
        try await dialogue.ask(.patch, "\(things)/t", ["metadata": ["labels": ["l": "m"]]], as: merge)
        try await dialogue.ask(.get, "\(paths.group("practice.example/v1beta1"))/conformthings")
        try await dialogue.ask(.get, "\(things)/none")
        try await dialogue.ask(.get, "\(things)?fieldSelector=spec.a%3D1")
        try await dialogue.ask(.delete, "\(things)/t")
        try await dialogue.ask(.delete, "\(all)/\(name)")
        try await dialogue.wait(for: "\(all)/\(name)") { code, _ in code == 404 }
        try await dialogue.wait(for: things) { code, _ in code == 404 }
        try await dialogue.ask(.get, things)
        var wrong = definition
        wrong["metadata", "name"] = "wrong.practice.example"
        try await dialogue.ask(.post, all, wrong)
    }

    static let apply = Scenario(name: "apply") { dialogue, paths in
        let one = "\(paths.core)/configmaps/one"
        let apply = "application/apply-patch+yaml"
        func map(_ data: JSONValue) -> JSONValue {
            ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "one"], "data": data]
        }
        try await dialogue.ask(.patch, "\(one)?fieldManager=me", map(["a": "1", "b": "1"]), as: apply)
        try await dialogue.ask(.patch, "\(one)?fieldManager=you", map(["a": "2"]), as: apply)
        try await dialogue.ask(.patch, "\(one)?fieldManager=you&force=true", map(["a": "2"]), as: apply)
        try await dialogue.ask(.patch, "\(one)?fieldManager=me", map(["c": "1"]), as: apply)
        try await dialogue.ask(.patch, "\(one)?fieldManager=me", map(["c": "1"]), as: apply)
        try await dialogue.ask(.patch, one, map(["c": "1"]), as: apply)
        try await dialogue.ask(.get, one)
    }
}
