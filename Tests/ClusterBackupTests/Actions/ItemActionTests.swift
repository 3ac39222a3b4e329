import ClusterBackup
import KubernetesModel
import Testing

@Suite("Built-in restore actions")
struct ItemActionTests {
    /// What a rule makes of an object.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let resource: String
        let stored: String
        let expected: String
        var brings: [String] = []
        var settings = ActionSettings()

        var testDescription: String { name }
    }

    @Test("change an object as the reference says", arguments: cases)
    func changes(_ example: Case) throws {
        var draft = ItemDraft(resource: GroupResource(example.resource), stored: try .parsed(example.stored))
        try ItemActions.builtIn.apply(to: &draft, example.settings)
        let differences = FieldDifference.between(try .parsed(example.expected), draft.object)
        #expect(differences.isEmpty, "\(differences)")
        #expect(draft.skipReason == nil)
        #expect(draft.additionalItems.map(\.description) == example.brings)
    }

    @Test("applied twice are the same as applied once", arguments: cases)
    func idempotent(_ example: Case) throws {
        var once = ItemDraft(resource: GroupResource(example.resource), stored: try .parsed(example.stored))
        try ItemActions.resets.apply(to: &once, ActionSettings())
        var twice = ItemDraft(resource: GroupResource(example.resource), stored: once.object)
        try ItemActions.resets.apply(to: &twice, ActionSettings())
        #expect(twice.object == once.object)
    }

    static let cases: [Case] =
        podCases + serviceCases + volumeCases + [
            Case(
                name: "v1 webhooks get side effects that v1 allows",
                resource: "validatingwebhookconfigurations.admissionregistration.k8s.io",
                stored: """
                    {"apiVersion":"admissionregistration.k8s.io/v1","webhooks":[{"name":"a","sideEffects":"Some"},
                    {"name":"b","sideEffects":"NoneOnDryRun"},{"name":"c"}]}
                    """,
                expected: """
                    {"apiVersion":"admissionregistration.k8s.io/v1","webhooks":[{"name":"a","sideEffects":"None"},
                    {"name":"b","sideEffects":"NoneOnDryRun"},{"name":"c","sideEffects":"None"}]}
                    """),
            Case(
                name: "v1beta1 webhooks stay",
                resource: "mutatingwebhookconfigurations.admissionregistration.k8s.io",
                stored: #"{"apiVersion":"admissionregistration.k8s.io/v1beta1","webhooks":[{"sideEffects":"Some"}]}"#,
                expected: #"{"apiVersion":"admissionregistration.k8s.io/v1beta1","webhooks":[{"sideEffects":"Some"}]}"#),
            Case(
                name: "an APIService that somebody made stays", resource: "apiservices.apiregistration.k8s.io",
                stored: #"{"metadata":{"name":"v1.x"}}"#, expected: #"{"metadata":{"name":"v1.x"}}"#),
            Case(
                name: "bindings follow a mapped namespace", resource: "rolebindings.rbac.authorization.k8s.io",
                stored: #"{"subjects":[{"kind":"ServiceAccount","namespace":"a"},{"kind":"User","name":"u"}]}"#,
                expected: #"{"subjects":[{"kind":"ServiceAccount","namespace":"b"},{"kind":"User","name":"u"}]}"#,
                settings: mapping),
            Case(
                name: "cluster bindings too", resource: "clusterrolebindings.rbac.authorization.k8s.io",
                stored: #"{"subjects":[{"namespace":"a"},{"namespace":"c"}]}"#,
                expected: #"{"subjects":[{"namespace":"b"},{"namespace":"c"}]}"#, settings: mapping),
            Case(
                name: "definitions keep unknown fields by their schemas",
                resource: "customresourcedefinitions.apiextensions.k8s.io",
                stored: """
                    {"apiVersion":"apiextensions.k8s.io/v1","spec":{"preserveUnknownFields":true,
                    "versions":[{"name":"v1","schema":{"openAPIV3Schema":{"type":"object"}}}]}}
                    """,
                expected: """
                    {"apiVersion":"apiextensions.k8s.io/v1","spec":{"preserveUnknownFields":false,"versions":[{"name":"v1",
                    "schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}}
                    """),
            Case(
                name: "jobs lose the uid that selected their pods", resource: "jobs.batch",
                stored: """
                    {"spec":{"selector":{"matchLabels":{"controller-uid":"1","batch.kubernetes.io/controller-uid":"1","a":"b"}},
                    "template":{"metadata":{"labels":{"controller-uid":"1","job-name":"j"}}}}}
                    """,
                expected: """
                    {"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"job-name":"j"}}}}}
                    """),
            Case(
                name: "service accounts forget generated tokens", resource: "serviceaccounts",
                stored: #"{"metadata":{"name":"sa"},"secrets":[{"name":"sa-token-abcde"},{"name":"mine"}]}"#,
                expected: #"{"metadata":{"name":"sa"},"secrets":[{"name":"mine"}]}"#),
            Case(
                name: "no list is left where all were generated", resource: "serviceaccounts",
                stored: #"{"metadata":{"name":"sa"},"secrets":[{"name":"sa-token-abcde"}]}"#,
                expected: #"{"metadata":{"name":"sa"}}"#),
            Case(
                name: "token Secrets that somebody asked for are emptied", resource: "secrets",
                stored: """
                    {"type":"kubernetes.io/service-account-token","metadata":{"name":"my-token","namespace":"a","annotations":
                    {"kubernetes.io/service-account.name":"sa","kubernetes.io/service-account.uid":"1"}},
                    "data":{"token":"eA==","ca.crt":"eA==","namespace":"YQ==","extra":"eA=="}}
                    """,
                expected: """
                    {"type":"kubernetes.io/service-account-token","metadata":{"name":"my-token","namespace":"a","annotations":
                    {"kubernetes.io/service-account.name":"sa"}},"data":{"namespace":"YQ==","extra":"eA=="}}
                    """, settings: accounts),
            Case(
                name: "other Secrets stay", resource: "secrets",
                stored: #"{"type":"Opaque","data":{"token":"eA=="}}"#,
                expected: #"{"type":"Opaque","data":{"token":"eA=="}}"#),
            Case(
                name: "images are mapped by the first part that fits", resource: "deployments.apps",
                stored: """
                    {"spec":{"template":{"spec":{"containers":[{"image":"old.io/a:1"},{"image":"other/b"}],
                    "initContainers":[{"image":"old.io/old.io/c"}]}}}}
                    """,
                expected: """
                    {"spec":{"template":{"spec":{"containers":[{"image":"new.io/a:1"},{"image":"other/b"}],
                    "initContainers":[{"image":"new.io/new.io/c"}]}}}}
                    """, settings: images),
            Case(
                name: "images of cron jobs too", resource: "cronjobs.batch",
                stored:
                    #"{"spec":{"jobTemplate":{"spec":{"template":{"spec":{"containers":[{"image":"old.io/a"}]}}}}}}"#,
                expected:
                    #"{"spec":{"jobTemplate":{"spec":{"template":{"spec":{"containers":[{"image":"new.io/a"}]}}}}}}"#,
                settings: images),
        ]

    private static let podCases: [Case] = [
        Case(
            name: "a pod loses node, priority and token volume, and brings its claim and class", resource: "pods",
            stored: """
                {"metadata":{"name":"p","namespace":"a"},"spec":{"nodeName":"n1","priority":5,"priorityClassName":"high",
                "serviceAccountName":"sa",
                "volumes":[{"name":"data","persistentVolumeClaim":{"claimName":"c"}},{"name":"sa-token-abcde","secret":{}}],
                "containers":[{"name":"x","volumeMounts":[{"name":"sa-token-abcde"}]},
                {"name":"y","volumeMounts":[{"name":"data"},{"name":"sa-token-abcde"}]}],
                "initContainers":[{"name":"z","volumeMounts":[{"name":"sa-token-abcde"}]}]}}
                """,
            expected: """
                {"metadata":{"name":"p","namespace":"a"},"spec":{"priorityClassName":"high","serviceAccountName":"sa",
                "volumes":[{"name":"data","persistentVolumeClaim":{"claimName":"c"}}],
                "containers":[{"name":"x"},{"name":"y","volumeMounts":[{"name":"data"}]}],"initContainers":[{"name":"z"}]}}
                """, brings: ["persistentvolumeclaims/a/c", "priorityclasses.scheduling.k8s.io/high"]),
        Case(
            name: "a pod gets the init container of its annotation, after the one that waits for volumes",
            resource: "pods",
            stored: """
                {"metadata":{"name":"p","annotations":{"init.hook.restore.velero.io/container-image":"busybox",
                "init.hook.restore.velero.io/container-name":"fix","init.hook.restore.velero.io/command":"[\\"sh\\",\\"-c\\"]"}},
                "spec":{"initContainers":[{"name":"own"},{"name":"restore-wait"}]}}
                """,
            expected: """
                {"metadata":{"name":"p","annotations":{"init.hook.restore.velero.io/container-image":"busybox",
                "init.hook.restore.velero.io/container-name":"fix","init.hook.restore.velero.io/command":"[\\"sh\\",\\"-c\\"]"}},
                "spec":{"initContainers":[{"name":"restore-wait"},{"name":"fix","image":"busybox","command":["sh","-c"]},
                {"name":"own"}]}}
                """),
    ]

    private static let serviceCases: [Case] = [
        Case(
            name: "a Service loses what the old cluster gave it", resource: "services",
            stored:
                #"{"spec":{"clusterIP":"10.0.0.1","clusterIPs":["10.0.0.1"],"ports":[{"port":1,"nodePort":30001}]}}"#,
            expected: #"{"spec":{"ports":[{"port":1}]}}"#),
        Case(
            name: "a headless Service stays headless", resource: "services",
            stored: #"{"spec":{"clusterIP":"None","clusterIPs":["None"]}}"#,
            expected: #"{"spec":{"clusterIP":"None","clusterIPs":["None"]}}"#),
        Case(
            name: "node ports that kubectl applied stay, by name or number", resource: "services",
            stored: service(
                ports: #"[{"name":"a","port":1,"nodePort":30001},{"name":"b","port":2,"nodePort":30002}]"#,
                applied: #"{\"spec\":{\"ports\":[{\"name\":\"b\",\"nodePort\":30002}]}}"#),
            expected: service(
                ports: #"[{"name":"a","port":1},{"name":"b","port":2,"nodePort":30002}]"#,
                applied: #"{\"spec\":{\"ports\":[{\"name\":\"b\",\"nodePort\":30002}]}}"#)),
        Case(
            name: "an unnamed node port stays by its number", resource: "services",
            stored: service(
                ports: #"[{"port":1,"nodePort":30001}]"#, applied: #"{\"spec\":{\"ports\":[{\"nodePort\":30001}]}}"#),
            expected: service(
                ports: #"[{"port":1,"nodePort":30001}]"#, applied: #"{\"spec\":{\"ports\":[{\"nodePort\":30001}]}}"#)),
        Case(
            name: "without kubectl the managed fields tell who chose a port", resource: "services",
            stored: managedService(ports: #"[{"port":1,"nodePort":30001},{"port":2,"nodePort":30002}]"#, health: 30003),
            expected: managedService(ports: #"[{"port":1,"nodePort":30001},{"port":2}]"#, health: nil)),
        Case(
            name: "all node ports stay if that is wanted", resource: "services",
            stored: #"{"spec":{"healthCheckNodePort":30009,"ports":[{"port":1,"nodePort":30001}]}}"#,
            expected: #"{"spec":{"healthCheckNodePort":30009,"ports":[{"port":1,"nodePort":30001}]}}"#,
            settings: {
                var settings = ActionSettings()
                settings.preserveNodePorts = true
                return settings
            }()),
    ]

    private static func service(ports: String, applied: String) -> String {
        #"{"metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"\#(applied)"}},"#
            + #""spec":{"ports":\#(ports)}}"#
    }

    private static func managedService(ports: String, health: Int?) -> String {
        let fields = #"{"f:spec":{"f:ports":{".":{},"k:{\"port\":1,\"protocol\":\"TCP\"}":{"f:nodePort":{}}}}}"#
        let health = health.map { #""healthCheckNodePort":\#($0),"# } ?? ""
        return #"{"metadata":{"managedFields":[{"manager":"helm","fieldsV1":\#(fields)}]},"#
            + #""spec":{\#(health)"ports":\#(ports)}}"#
    }

    private static let volumeCases: [Case] = [
        Case(
            name: "a claim loses the traces of its binding and brings its volume", resource: "persistentvolumeclaims",
            stored: """
                {"metadata":{"name":"c","namespace":"a","annotations":{"pv.kubernetes.io/bind-completed":"yes",
                "pv.kubernetes.io/bound-by-controller":"yes","volume.kubernetes.io/storage-provisioner":"p",
                "volume.beta.kubernetes.io/storage-provisioner":"p","volume.kubernetes.io/selected-node":"n","keep":"me"}},
                "spec":{"volumeName":"pv1"},"status":{"phase":"Bound"}}
                """,
            expected: """
                {"metadata":{"name":"c","namespace":"a","annotations":{"keep":"me"}},"spec":{"volumeName":"pv1"},
                "status":{"phase":"Bound"}}
                """, brings: ["persistentvolumes/pv1"]),
        Case(
            name: "a claim that was never bound brings nothing", resource: "persistentvolumeclaims",
            stored: #"{"spec":{"volumeName":"pv1"},"status":{"phase":"Pending"}}"#,
            expected: #"{"spec":{"volumeName":"pv1"},"status":{"phase":"Pending"}}"#),
        Case(
            name: "storage classes are mapped in claims, with the old annotation", resource: "persistentvolumeclaims",
            stored: """
                {"metadata":{"annotations":{"volume.beta.kubernetes.io/storage-class":"slow"}},"spec":{"storageClassName":"slow"}}
                """,
            expected: """
                {"metadata":{"annotations":{"volume.beta.kubernetes.io/storage-class":"fast"}},"spec":{"storageClassName":"fast"}}
                """, settings: classes),
        Case(
            name: "and in the templates of stateful sets", resource: "statefulsets.apps",
            stored: #"{"spec":{"volumeClaimTemplates":[{"spec":{"storageClassName":"slow"}},{"spec":{}}]}}"#,
            expected: #"{"spec":{"volumeClaimTemplates":[{"spec":{"storageClassName":"fast"}},{"spec":{}}]}}"#,
            settings: classes),
    ]

    private static var mapping: ActionSettings {
        var settings = ActionSettings()
        settings.namespaceMapping = ["a": "b"]
        return settings
    }

    private static var accounts: ActionSettings {
        var settings = ActionSettings()
        settings.serviceAccounts = [NamespacedName(namespace: "a", name: "sa")]
        return settings
    }

    private static var classes: ActionSettings {
        var settings = ActionSettings()
        settings.storageClasses = StorageClassMapping(classes: ["slow": "fast"])
        return settings
    }

    private static var images: ActionSettings {
        var settings = ActionSettings()
        settings.images = (try? ImageMapping(parsing: ["1": "old.io,new.io", "2": "a,never"])) ?? settings.images
        return settings
    }

    @Test(
        "leave out what comes back by itself",
        arguments: [
            (
                "apiservices.apiregistration.k8s.io",
                #"{"metadata":{"labels":{"kube-aggregator.kubernetes.io/automanaged":"onstart"}}}"#
            ),
            (
                "secrets",
                """
                {"type":"kubernetes.io/service-account-token","metadata":{"name":"sa-token-x1y2z","namespace":"a",
                "annotations":{"kubernetes.io/service-account.name":"sa"}}}
                """
            ),
            ("datauploads.velero.io", #"{"metadata":{"name":"d"}}"#),
            ("configmaps", #"{"metadata":{"name":"kube-root-ca.crt","namespace":"a"}}"#),
            (
                "endpoints",
                #"{"metadata":{"annotations":{"endpoints.kubernetes.io/last-change-trigger-time":"2026-01-01T00:00:00Z"}}}"#
            ),
            (
                "endpointslices.discovery.k8s.io",
                """
                {"metadata":{"name":"web-x1y2z","namespace":"a","labels":
                {"endpointslice.kubernetes.io/managed-by":"endpointslice-controller.k8s.io"}}}
                """
            ),
        ])
    func skips(resource: String, stored: String) throws {
        var draft = ItemDraft(resource: GroupResource(resource), stored: try .parsed(stored))
        try ItemActions.builtIn.apply(to: &draft, ItemActionTests.accounts)
        #expect(draft.skipReason != nil)
    }

    @Test("bring back a slice that somebody wrote by hand")
    func ownSlice() throws {
        let stored = #"{"metadata":{"labels":{"endpointslice.kubernetes.io/managed-by":"somebody"}}}"#
        var draft = ItemDraft(
            resource: GroupResource("endpointslices.discovery.k8s.io"), stored: try .parsed(stored))
        try ItemActions.builtIn.apply(to: &draft, ItemActionTests.accounts)
        #expect(draft.skipReason == nil)
    }

    @Test("keep a generated token Secret whose account does not exist")
    func orphanToken() throws {
        let stored = """
            {"type":"kubernetes.io/service-account-token","metadata":{"name":"sa-token-x1y2z","namespace":"other",
            "annotations":{"kubernetes.io/service-account.name":"sa"}},"data":{"token":"eA=="}}
            """
        var draft = ItemDraft(resource: GroupResource("secrets"), stored: try .parsed(stored))
        try ItemActions.builtIn.apply(to: &draft, ItemActionTests.accounts)
        #expect(draft.skipReason == nil)
        #expect(draft.object.json["data"] == nil)
    }

    @Test("refuse a claim whose new storage class does not exist")
    func missingClass() throws {
        var settings = ItemActionTests.classes
        settings.storageClasses.missing = ["fast"]
        var draft = ItemDraft(
            resource: GroupResource("persistentvolumeclaims"),
            stored: try .parsed(#"{"spec":{"storageClassName":"slow"}}"#))
        #expect(throws: ActionError.self) { try ItemActions.builtIn.apply(to: &draft, settings) }
    }

    @Test("refuse an image mapping that is not two parts", arguments: ["a", "a,b,c", ",b", "a,"])
    func badImages(text: String) {
        #expect(throws: ActionError.self) { try ImageMapping(parsing: ["key": text]) }
    }

    @Test("init containers of the spec are for the namespace that is restored into")
    func specHooks() throws {
        let hooks = try JSONValue(
            parsing: """
                {"resources":[{"name":"h","includedNamespaces":["b"],"labelSelector":{"matchLabels":{"app":"db"}},
                "postHooks":[{"init":{"initContainers":[{"name":"i","image":"x","command":["true"]}]}}]}]}
                """)
        var settings = ItemActionTests.mapping
        settings.initHooks = try InitContainerHooks(hooks)
        for (labels, count) in [("db", 1), ("web", 0)] {
            let stored = #"{"metadata":{"name":"p","namespace":"a","labels":{"app":"\#(labels)"}},"spec":{}}"#
            var draft = ItemDraft(resource: GroupResource("pods"), stored: try .parsed(stored))
            try ItemActions.builtIn.apply(to: &draft, settings)
            #expect((draft.object.json["spec", "initContainers"]?.array ?? []).count == count)
        }
    }
}

extension APIObject {
    static func parsed(_ text: String) throws -> APIObject { try APIObject(parsing: text.utf8) }
}
