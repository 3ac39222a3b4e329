import HTTPTypes
import KubernetesModel

extension Scenario {
    private static let podSpec: JSONValue = ["containers": [["name": "c", "image": "i"]]]
    private static let template: JSONValue = ["metadata": ["labels": ["a": "b"]], "spec": podSpec]
    private static let selector: JSONValue = ["matchLabels": ["a": "b"]]

    static let services = Scenario(name: "services") { dialogue, paths in
        let all = "\(paths.core)/services"
        func service(_ name: String, _ spec: JSONValue) async throws {
            try await dialogue.ask(.post, all, ["metadata": ["name": .string(name)], "spec": spec])
        }
        try await service("fixed", ["type": "NodePort", "ports": [["port": 80, "nodePort": 30_080]]])
        try await service("taken", ["type": "NodePort", "ports": [["port": 80, "nodePort": 30_080]]])
        try await service("low", ["type": "NodePort", "ports": [["port": 80, "nodePort": 80]]])
        try await service("drawn", ["type": "NodePort", "ports": [["port": 80]]])
        try await service("address", ["clusterIP": "10.96.0.1", "ports": [["port": 80]]])
        try await service("outside", ["clusterIP": "10.1.0.1", "ports": [["port": 80]]])
        try await service("headless", ["clusterIP": "None", "ports": [["port": 80]]])
        try await service("empty", [:])
        try await service("1digit", ["ports": [["port": 80]]])
        try await service("plain", ["ports": [["port": 80, "targetPort": "http"]], "selector": ["a": "b"]])
        try await service("external", ["type": "ExternalName", "externalName": "other.example"])
        let merge = "application/merge-patch+json"
        try await dialogue.ask(.patch, "\(all)/plain", ["spec": ["clusterIP": "10.96.3.3"]], as: merge)
        try await dialogue.ask(.patch, "\(all)/plain", ["spec": ["selector": ["a": "c"]]], as: merge)
        try await dialogue.ask(.delete, "\(all)/fixed")
        try await service("taken", ["type": "NodePort", "ports": [["port": 80, "nodePort": 30_080]]])
    }

    static let secrets = Scenario(
        name: "secrets",
        known: [
            KnownDifference(question: "?bad=1", path: ["message"], reason: "the decoder's own words")
        ]
    ) { dialogue, paths in
        let all = "\(paths.core)/secrets"
        try await dialogue.ask(.post, all, ["metadata": ["name": "s"], "stringData": ["a": "b"]])
        try await dialogue.ask(
            .patch, "\(all)/s", ["type": "other"], as: "application/merge-patch+json")
        try await dialogue.ask(.post, all, ["metadata": ["name": "t"], "data": ["a b": "YQ=="]])
        try await dialogue.ask(.post, "\(all)?bad=1", ["metadata": ["name": "t"], "data": ["a": "!!"]])
        try await dialogue.ask(
            .post, all, ["metadata": ["name": "frozen"], "immutable": true, "data": ["a": "YQ=="]])
        try await dialogue.ask(
            .patch, "\(all)/frozen", ["data": ["a": "Yg=="]], as: "application/merge-patch+json")
        try await dialogue.ask(.get, "\(all)?fieldSelector=type%3DOpaque")
    }

    static let volumes = Scenario(
        name: "volumes",
        known: [
            KnownDifference(
                question: "PATCH /api/v1/namespaces/conform-volumes/persistentvolumeclaims/waits", path: [],
                reason: "the message ends in a comparison of Go structures")
        ]
    ) { dialogue, paths in
        let claims = "\(paths.core)/persistentvolumeclaims"
        let volume = "/api/v1/persistentvolumes/conform-volume"
        let want: JSONValue = [
            "accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]], "storageClassName": "none",
        ]
        try await dialogue.silently(.delete, volume)
        try await dialogue.wait(for: volume) { code, _ in code == 404 }
        try await dialogue.ask(.post, claims, ["metadata": ["name": "waits"], "spec": want])
        try await dialogue.ask(.post, claims, ["metadata": ["name": "empty"], "spec": [:]])
        try await dialogue.ask(
            .patch, "\(claims)/waits", ["spec": ["storageClassName": "other"]], as: "application/merge-patch+json")
        var own = want
        own["storageClassName"] = "conform"
        try await dialogue.ask(.post, claims, ["metadata": ["name": "binds"], "spec": own])
        try await dialogue.ask(
            .post, "/api/v1/persistentvolumes",
            [
                "metadata": ["name": "conform-volume"],
                "spec": [
                    "capacity": ["storage": "2Gi"], "accessModes": ["ReadWriteOnce"], "storageClassName": "conform",
                    "hostPath": ["path": "/tmp/none"],
                ],
            ])
        try await dialogue.wait(for: "\(claims)/binds") { _, answer in answer["status", "phase"] == "Bound" }
        try await dialogue.ask(.get, "\(claims)/binds")
        try await dialogue.ask(.get, volume)
        try await dialogue.ask(.delete, "\(claims)/binds")
        try await dialogue.wait(for: "\(claims)/binds") { code, _ in code == 404 }
        try await dialogue.wait(for: volume) { _, answer in answer["status", "phase"] == "Released" }
        try await dialogue.ask(.get, volume)
        try await dialogue.silently(.delete, volume)
        try await dialogue.wait(for: volume) { code, _ in code == 404 }
    }

    static let pods = Scenario(
        name: "pods",
        known: [
            KnownDifference(
                question: "DELETE /api/v1/namespaces/conform-pods/pods/rich", path: ["status"],
                reason: "a scheduler may have said that there are no nodes")
        ]
    ) { dialogue, paths in
        let all = "\(paths.core)/pods"
        try await dialogue.ask(.post, all, ["metadata": ["name": "plain"], "spec": podSpec])
        try await dialogue.ask(.post, all, ["metadata": ["name": "empty"], "spec": ["containers": []]])
        try await dialogue.ask(.post, all, ["metadata": ["name": "nothing"]])
        try await dialogue.ask(
            .post, all,
            [
                "metadata": ["name": "unknown"],
                "spec": ["serviceAccountName": "none", "containers": [["name": "c", "image": "i"]]],
            ])
        try await dialogue.ask(
            .post, all,
            [
                "metadata": ["name": "rich"],
                "spec": [
                    "containers": [
                        [
                            "name": "c", "image": "r.example:5000/i:1.2", "ports": [["containerPort": 80]],
                            "resources": ["requests": ["cpu": "1"]],
                        ]
                    ],
                    "initContainers": [
                        [
                            "name": "first",
                            "image": "i@sha256:0000000000000000000000000000000000000000000000000000000000000000",
                        ]
                    ],
                    "volumes": [["name": "v"], ["name": "c", "configMap": ["name": "m"]]],
                    "priorityClassName": "system-node-critical",
                ],
            ])
        try await dialogue.ask(.delete, "\(all)/rich")
        try await dialogue.ask(.get, "\(all)/rich")
    }

    static let workloads = Scenario(name: "workloads") { dialogue, paths in
        let apps = paths.group("apps/v1")
        try await dialogue.ask(
            .post, "\(apps)/deployments",
            ["metadata": ["name": "d"], "spec": ["replicas": 0, "selector": selector, "template": template]])
        try await dialogue.ask(
            .post, "\(apps)/deployments", ["metadata": ["name": "unselected"], "spec": ["template": template]])
        try await dialogue.ask(
            .post, "\(apps)/statefulsets",
            [
                "metadata": ["name": "s"],
                "spec": [
                    "replicas": 0, "serviceName": "x", "selector": selector, "template": template,
                    "volumeClaimTemplates": [
                        [
                            "metadata": ["name": "d"],
                            "spec": [
                                "accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]],
                            ],
                        ]
                    ],
                ],
            ])
        try await dialogue.ask(
            .post, "\(apps)/daemonsets",
            ["metadata": ["name": "ds"], "spec": ["selector": selector, "template": template]])
        try await dialogue.ask(
            .post, "\(apps)/replicasets",
            ["metadata": ["name": "r"], "spec": ["replicas": 0, "selector": selector, "template": template]])
        var once = podSpec
        once["restartPolicy"] = "Never"
        try await dialogue.ask(
            .post, "\(paths.group("batch/v1"))/jobs",
            ["metadata": ["name": "j"], "spec": ["parallelism": 0, "template": ["spec": once]]])
        try await dialogue.ask(
            .post, "\(paths.group("batch/v1"))/jobs",
            ["metadata": ["name": "k"], "spec": ["template": ["spec": podSpec]]])
        try await dialogue.ask(
            .post, "\(paths.group("batch/v1beta1"))/cronjobs",
            [
                "metadata": ["name": "c"],
                "spec": [
                    "schedule": "0 3 * * *", "suspend": true, "jobTemplate": ["spec": ["template": ["spec": once]]],
                ],
            ])
        try await dialogue.ask(
            .patch, "\(apps)/replicasets/r",
            ["spec": ["selector": ["matchLabels": ["a": "c"]], "template": ["metadata": ["labels": ["a": "c"]]]]],
            as: "application/merge-patch+json")
    }

    static let policies = Scenario(name: "policies") { dialogue, paths in
        let rbac = paths.group("rbac.authorization.k8s.io/v1")
        try await dialogue.ask(.post, "\(rbac)/roles", ["metadata": ["name": "a:b"], "rules": []])
        try await dialogue.ask(.post, "\(rbac)/roles", ["metadata": ["name": "a%b"], "rules": []])
        let binding: JSONValue = [
            "metadata": ["name": "a:b"], "roleRef": ["kind": "Role", "name": "a:b"],
            "subjects": [["kind": "User", "name": "u"], ["kind": "ServiceAccount", "name": "s", "namespace": "n"]],
        ]
        try await dialogue.ask(.post, "\(rbac)/rolebindings", binding)
        try await dialogue.ask(
            .patch, "\(rbac)/rolebindings/a:b", ["roleRef": ["name": "c"]], as: "application/merge-patch+json")
        let networking = paths.group("networking.k8s.io/v1")
        try await dialogue.ask(
            .post, "\(networking)/networkpolicies", ["metadata": ["name": "n"], "spec": ["podSelector": [:]]])
        try await dialogue.ask(
            .post, "\(networking)/ingresses",
            [
                "metadata": ["name": "i"],
                "spec": ["defaultBackend": ["service": ["name": "s", "port": ["number": 80]]]],
            ])
        try await dialogue.ask(
            .post, "\(paths.group("policy/v1beta1"))/poddisruptionbudgets",
            ["metadata": ["name": "p"], "spec": ["minAvailable": 1, "selector": selector]])
        try await dialogue.ask(
            .post, "\(paths.core)/limitranges",
            ["metadata": ["name": "l"], "spec": ["limits": [["type": "Container"]]]])
        try await dialogue.ask(
            .post, "\(paths.core)/endpoints",
            [
                "metadata": ["name": "e"],
                "subsets": [["addresses": [["ip": "1.2.3.4"]], "ports": [["port": 80]]]],
            ])
        try await dialogue.ask(.post, "\(paths.core)/serviceaccounts", ["metadata": ["name": "s"]])
        try await dialogue.ask(
            .post, "\(paths.group("coordination.k8s.io/v1"))/leases", ["metadata": ["name": "l"], "spec": [:]])
        let classes = "/apis/storage.k8s.io/v1/storageclasses"
        try await dialogue.silently(.delete, "\(classes)/conform")
        try await dialogue.ask(.post, classes, ["metadata": ["name": "conform"], "provisioner": "practice.example/x"])
        try await dialogue.ask(
            .patch, "\(classes)/conform", ["reclaimPolicy": "Retain"], as: "application/merge-patch+json")
        try await dialogue.ask(.delete, "\(classes)/conform")
    }

    static let discovery = Scenario(name: "discovery") { dialogue, _ in
        for path in [
            "/api/v1", "/apis/apps/v1", "/apis/batch/v1", "/apis/batch/v1beta1", "/apis/policy/v1beta1",
            "/apis/autoscaling/v2beta2", "/apis/networking.k8s.io/v1", "/apis/extensions/v1beta1",
            "/apis/rbac.authorization.k8s.io/v1", "/apis/apiextensions.k8s.io/v1", "/apis/storage.k8s.io/v1",
            "/apis/events.k8s.io/v1", "/apis/discovery.k8s.io/v1beta1", "/apis/certificates.k8s.io/v1",
            "/apis/authorization.k8s.io/v1", "/apis/flowcontrol.apiserver.k8s.io/v1beta1", "/apis/autoscaling",
            "/apis/policy", "/healthz",
        ] {
            try await dialogue.ask(.get, path)
        }
    }

    static let all: [Scenario] = [
        namespaces, creation, updates, patches, strategicLists, deletion, ownership, lists, definitions, apply,
        services,
        secrets, volumes, pods, workloads, policies, discovery,
    ]
}
