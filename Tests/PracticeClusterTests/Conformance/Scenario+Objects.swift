import HTTPTypes
import KubernetesModel

extension Scenario {
    static let namespaces = Scenario(name: "namespaces") { dialogue, paths in
        try await dialogue.ask(.get, paths.itself)
        try await dialogue.ask(.post, "/api/v1/namespaces", ["metadata": ["name": .string(paths.namespace)]])
        try await dialogue.ask(.post, "/api/v1/namespaces", ["metadata": ["name": "Bad_"]])
        try await dialogue.ask(.post, "/api/v1/namespaces", ["metadata": [:]])
        try await dialogue.ask(.post, "/api/v1/namespaces/conform-none/configmaps", ["metadata": ["name": "x"]])
        try await dialogue.ask(.get, "\(paths.core)/serviceaccounts")
        try await dialogue.ask(.get, "\(paths.core)/configmaps?fieldSelector=metadata.name%3Dnone")
        try await dialogue.silently(
            .post, "\(paths.core)/configmaps", ["metadata": ["name": "held", "finalizers": ["practice/held"]]])
        try await dialogue.ask(.delete, paths.itself)
        try await dialogue.ask(.post, "\(paths.core)/configmaps", ["metadata": ["name": "late"]])
        let release: JSONValue = ["metadata": ["finalizers": .null]]
        try await dialogue.wait(for: "\(paths.core)/configmaps/held") { _, answer in
            answer["metadata", "deletionTimestamp"] != nil
        }
        try await dialogue.ask(
            .patch, "\(paths.core)/configmaps/held", release, as: "application/merge-patch+json")
        try await dialogue.wait(for: paths.itself) { code, _ in code == 404 }
        try await dialogue.ask(.get, paths.itself)
    }

    static let creation = Scenario(
        name: "creation",
        known: [
            KnownDifference(
                question: "configmaps?dryRun=All", path: ["metadata", "uid"], reason: "a uid that nobody keeps"),
            KnownDifference(question: "?unknown-version=1", path: ["message"], reason: "the decoder's own words"),
            KnownDifference(question: "GET /nothing", path: [], reason: "the real server lists all its paths"),
        ]
    ) { dialogue, paths in
        let maps = "\(paths.core)/configmaps"
        try await dialogue.ask(.post, maps, ["metadata": ["name": "one", "labels": ["a": "b"]], "data": ["k": "v"]])
        try await dialogue.ask(.post, maps, ["metadata": ["name": "one"]])
        try await dialogue.ask(.post, maps, ["metadata": ["generateName": "gen-"], "data": ["k": "v"]])
        try await dialogue.ask(.post, maps, ["metadata": ["name": "x", "namespace": "other"]])
        try await dialogue.ask(.post, maps, ["metadata": ["name": "x", "resourceVersion": "5"]])
        try await dialogue.ask(
            .post, maps,
            [
                "metadata": [
                    "name": "stamped", "uid": "mine", "creationTimestamp": "2020-01-01T00:00:00Z", "selfLink": "/me",
                    "generation": 7, "deletionTimestamp": "2020-01-01T00:00:00Z",
                ]
            ])
        try await dialogue.ask(.post, maps, ["metadata": ["name": "x", "labels": ["bad key": "v"]]])
        try await dialogue.ask(.post, maps, ["metadata": ["name": "x", "labels": ["a": "bad value"]]])
        try await dialogue.ask(.post, maps, ["metadata": ["name": "x"], "data": ["a b": "v"]])
        try await dialogue.ask(.post, maps, ["metadata": ["name": "X/y"]])
        try await dialogue.ask(
            .post, "\(maps)?unknown-version=1", ["apiVersion": "v2", "kind": "ConfigMap", "metadata": ["name": "x"]])
        try await dialogue.ask(.post, "\(maps)?dryRun=All", ["metadata": ["name": "dry"]])
        try await dialogue.ask(.get, "\(maps)/dry")
        try await dialogue.ask(.post, "\(maps)?dryRun=Some", ["metadata": ["name": "dry"]])
        try await dialogue.ask(.post, "\(maps)/one", [:])
        try await dialogue.ask(.get, "\(maps)/none")
        try await dialogue.ask(.get, "\(paths.group("apps/v1"))/deployments/none")
        try await dialogue.ask(.get, "/api/v1/nothing")
        try await dialogue.ask(.get, "/apis/apps/v1/nothing")
        try await dialogue.ask(.get, "/apis/apps/v2")
        try await dialogue.ask(.get, "/apis/nothing.example/v1/things")
        try await dialogue.ask(.get, "/nothing")
    }

    static let updates = Scenario(
        name: "updates",
        known: [
            KnownDifference(
                question: "?wrong-uid=1", path: ["message"],
                reason: "the key in etcd stands in the message about a wrong uid")
        ]
    ) { dialogue, paths in
        let one = "\(paths.core)/configmaps/one"
        let made = try await dialogue.ask(
            .post, "\(paths.core)/configmaps", ["metadata": ["name": "one"], "data": ["k": "v"]])
        let version = made["metadata", "resourceVersion"] ?? ""
        try await dialogue.ask(.put, one, ["metadata": ["name": "one", "resourceVersion": "1"]])
        try await dialogue.ask(.put, one, ["metadata": ["name": "two"]])
        try await dialogue.ask(.put, one, ["metadata": [:]])
        try await dialogue.ask(.put, "\(one)?wrong-uid=1", ["metadata": ["name": "one", "uid": "other"]])
        try await dialogue.ask(
            .put, one, ["metadata": ["name": "one", "resourceVersion": version], "data": ["k": "w"]])
        try await dialogue.ask(
            .put, one, ["metadata": ["name": "one", "resourceVersion": version], "data": ["k": "x"]])
        try await dialogue.ask(.put, one, ["metadata": ["name": "one"], "data": ["k": "y"]])
        try await dialogue.ask(.put, "\(paths.core)/configmaps/none", ["metadata": ["name": "none"]])
        try await dialogue.ask(.put, "\(one)?dryRun=All", ["metadata": ["name": "one"], "data": ["k": "dry"]])
        try await dialogue.ask(.get, one)
    }

    static let patches = Scenario(
        name: "patches",
        known: [
            KnownDifference(question: "configmaps/one?broken", path: [], reason: "the parser's own words")
        ]
    ) { dialogue, paths in
        let one = "\(paths.core)/configmaps/one"
        let (merge, json) = ("application/merge-patch+json", "application/json-patch+json")
        let strategic = "application/strategic-merge-patch+json"
        try await dialogue.ask(
            .post, "\(paths.core)/configmaps",
            ["metadata": ["name": "one", "finalizers": ["a/b"], "labels": ["l": "m"]], "data": ["k": "v"]])
        try await dialogue.ask(.patch, one, ["data": ["k": .null, "n": "w"]], as: merge)
        try await dialogue.ask(.patch, one, ["metadata": ["resourceVersion": "1"], "data": ["z": "1"]], as: merge)
        try await dialogue.ask(.patch, one, ["metadata": ["name": "two"]], as: merge)
        try await dialogue.ask(.patch, "\(paths.core)/configmaps/none", [:], as: merge)
        try await dialogue.ask(.patch, one, ["metadata": ["labels": .null]], as: merge)
        try await dialogue.ask(
            .patch, one, [["op": "add", "path": "/data/o", "value": "1"], ["op": "remove", "path": "/data/n"]], as: json
        )
        try await dialogue.ask(.patch, one, [["op": "test", "path": "/data/o", "value": "2"]], as: json)
        try await dialogue.ask(.patch, one, [["op": "remove", "path": "/data/none"]], as: json)
        try await dialogue.ask(.patch, one, [["op": "add", "path": "/none/none", "value": "1"]], as: json)
        try await dialogue.ask(.patch, one, ["metadata": ["finalizers": ["c/d"]]], as: strategic)
        try await dialogue.ask(
            .patch, one, ["metadata": ["$deleteFromPrimitiveList/finalizers": ["a/b"]]], as: strategic)
        try await dialogue.ask(.patch, one, ["data": ["$patch": "replace", "only": "1"]], as: strategic)
        try await dialogue.ask(.patch, one, ["metadata": ["finalizers": .null]], as: merge)
    }

    static let strategicLists = Scenario(name: "strategic-lists") { dialogue, paths in
        let templates = "\(paths.core)/podtemplates"
        let strategic = "application/strategic-merge-patch+json"
        func patch(_ spec: JSONValue) async throws {
            try await dialogue.ask(.patch, "\(templates)/t", ["template": ["spec": spec]], as: strategic)
        }
        try await dialogue.ask(
            .post, templates,
            [
                "metadata": ["name": "t"],
                "template": [
                    "spec": [
                        "containers": [
                            [
                                "name": "web", "image": "web:1", "env": [["name": "A", "value": "1"]],
                                "ports": [["containerPort": 80]], "args": ["x", "y"],
                            ], ["name": "side", "image": "side:1"],
                        ],
                        "volumes": [["name": "v", "emptyDir": [:]], ["name": "w", "configMap": ["name": "c"]]],
                        "tolerations": [["key": "a", "operator": "Exists"]],
                    ]
                ],
            ])
        try await patch(["containers": [["name": "web", "image": "web:2", "env": [["name": "B", "value": "2"]]]]])
        try await patch(["containers": [["name": "third", "image": "third:1"]]])
        try await patch(["containers": [["name": "side", "$patch": "delete"]]])
        try await patch(["containers": [["name": "web", "args": ["z"], "ports": [["containerPort": 443]]]]])
        try await patch(["containers": [["name": "web", "env": [["name": "A", "$patch": "delete"]]]]])
        try await patch(["volumes": [["name": "v", "$retainKeys": ["name", "hostPath"], "hostPath": ["path": "/x"]]]])
        try await patch(["tolerations": [["key": "b", "operator": "Exists"]]])
        try await patch([
            "$setElementOrder/containers": [["name": "third"], ["name": "web"]],
            "containers": [["name": "third", "image": "third:2"]],
        ])
        try await patch([
            "containers": [["name": "new", "image": "new:1"], ["$patch": "replace"]]
        ])
    }

    static let deletion = Scenario(name: "deletion") { dialogue, paths in
        let maps = "\(paths.core)/configmaps"
        try await dialogue.silently(.post, maps, ["metadata": ["name": "one"]])
        try await dialogue.ask(.delete, "\(maps)/one", ["preconditions": ["uid": "other"]])
        try await dialogue.ask(.delete, "\(maps)/one?dryRun=All")
        try await dialogue.ask(.delete, "\(maps)/one")
        try await dialogue.ask(.delete, "\(maps)/one")
        try await dialogue.ask(.post, maps, ["metadata": ["name": "held", "finalizers": ["a.b/c"]]])
        try await dialogue.ask(.delete, "\(maps)/held")
        try await dialogue.ask(.delete, "\(maps)/held")
        try await dialogue.ask(
            .patch, "\(maps)/held", ["metadata": ["finalizers": .null]], as: "application/merge-patch+json")
        try await dialogue.ask(.get, "\(maps)/held")
        for name in ["a", "b"] {
            try await dialogue.silently(.post, maps, ["metadata": ["name": .string(name), "labels": ["set": "x"]]])
        }
        try await dialogue.ask(.delete, "\(maps)?labelSelector=set%3Dx")
        try await dialogue.ask(.get, "\(maps)?labelSelector=set%3Dx")
        try await dialogue.ask(.delete, "\(paths.core)/services")
        try await dialogue.ask(.delete, "/api/v1/namespaces/kube-system")
    }

    static let ownership = Scenario(name: "ownership") { dialogue, paths in
        let maps = "\(paths.core)/configmaps"
        func own(_ name: String, _ owner: JSONValue) async throws {
            try await dialogue.silently(
                .post, maps,
                [
                    "metadata": [
                        "name": .string(name),
                        "ownerReferences": [
                            [
                                "apiVersion": "v1", "kind": "ConfigMap", "name": owner["metadata", "name"] ?? "",
                                "uid": owner["metadata", "uid"] ?? "", "blockOwnerDeletion": true,
                            ]
                        ],
                    ]
                ])
        }
        let first = try await dialogue.silently(.post, maps, ["metadata": ["name": "first"]])
        try await own("follower", first)
        try await dialogue.ask(.delete, "\(maps)/first")
        try await dialogue.wait(for: "\(maps)/follower") { code, _ in code == 404 }
        let second = try await dialogue.silently(.post, maps, ["metadata": ["name": "second"]])
        try await own("orphan", second)
        try await dialogue.ask(.delete, "\(maps)/second", ["propagationPolicy": "Orphan"])
        try await dialogue.wait(for: "\(maps)/second") { code, _ in code == 404 }
        try await dialogue.ask(.get, "\(maps)/orphan")
        let third = try await dialogue.silently(.post, maps, ["metadata": ["name": "third"]])
        try await own("before", third)
        try await dialogue.ask(.delete, "\(maps)/third", ["propagationPolicy": "Foreground"])
        try await dialogue.wait(for: "\(maps)/third") { code, _ in code == 404 }
        try await dialogue.ask(.get, "\(maps)/before")
        try await dialogue.ask(.delete, "\(maps)/orphan", ["propagationPolicy": "Nonsense"])
    }
}
