import ClusterBackup
import KubernetesModel
import Testing

@Suite struct `Hooks of a pod` {
    private func pod(
        _ annotations: [String: String], labels: [String: String] = [:], phase: String = "Running"
    ) -> APIObject {
        APIObject([
            "apiVersion": "v1", "kind": "Pod",
            "metadata": [
                "name": "db", "namespace": "app", "uid": "u",
                "annotations": .object(annotations.mapValues { .string($0) }),
                "labels": .object(labels.mapValues { .string($0) }),
            ],
            "spec": ["containers": [["name": "main"], ["name": "fsfreeze"]]], "status": ["phase": .string(phase)],
        ])
    }

    private let spec: JSONValue = [
        "resources": [
            [
                "name": "databases", "includedNamespaces": ["app"],
                "labelSelector": ["matchLabels": ["tier": "db"]],
                "pre": [["exec": ["command": ["dump"], "container": "main", "timeout": "1m", "onError": "Continue"]]],
                "post": [["exec": ["command": ["clean", "up"]]]],
            ],
            ["name": "others", "excludedNamespaces": ["app"], "pre": [["exec": ["command": ["never"]]]]],
        ]
    ]

    @Test func `are read from its annotations`() {
        let hooks = PodHooks(
            of: pod([
                "pre.hook.backup.velero.io/command": #"["/sbin/fsfreeze", "--freeze", "/data"]"#,
                "pre.hook.backup.velero.io/container": "fsfreeze", "pre.hook.backup.velero.io/on-error": "Fail",
                "pre.hook.backup.velero.io/timeout": "2m", "post.hook.backup.velero.io/command": "/bin/thaw it",
            ]))
        #expect(
            hooks.pre == [
                BackupHook(
                    container: "fsfreeze", command: ["/sbin/fsfreeze", "--freeze", "/data"], onError: .stop,
                    timeout: .seconds(120))
            ])
        #expect(hooks.post == [BackupHook(command: ["/bin/thaw it"], onError: .goOn)])
        #expect(hooks.container(of: hooks.pre[0]) == "fsfreeze")
        #expect(hooks.container(of: hooks.post[0]) == "main")
        #expect(hooks.warnings.isEmpty)
    }

    @Test func `may be spelt without a phase`() {
        let hooks = PodHooks(
            of: pod(["hook.backup.velero.io/command": "old", "pre.hook.backup.velero.io/container": "main"]))
        #expect(hooks.pre == [BackupHook(container: "main", command: ["old"], onError: .goOn)])
        #expect(hooks.post.isEmpty)
    }

    @Test func `are those of the backup where the pod says nothing, each phase by itself`() throws {
        let rules = try BackupHooks(spec)
        let both = PodHooks(of: pod([:], labels: ["tier": "db"]), spec: rules)
        #expect(
            both.pre == [
                BackupHook(
                    container: "main", command: ["dump"], onError: .goOn, timeout: .seconds(60),
                    source: "hook 'databases' of the backup")
            ])
        #expect(both.post == [BackupHook(command: ["clean", "up"], source: "hook 'databases' of the backup")])
        let mixed = PodHooks(
            of: pod(["pre.hook.backup.velero.io/command": "mine"], labels: ["tier": "db"]), spec: rules)
        #expect(mixed.pre.map(\.command) == [["mine"]])
        #expect(mixed.post.map(\.command) == [["clean", "up"]])
        #expect(PodHooks(of: pod([:], labels: ["tier": "web"]), spec: rules).isEmpty)
    }

    @Test(arguments: ["Succeeded", "Failed"]) func `are not run in pods that have ended`(phase: String) {
        #expect(PodHooks(of: pod(["pre.hook.backup.velero.io/command": "x"], phase: phase)).isEmpty)
    }

    @Test func `are read as far as they make sense, with a word about the rest`() {
        let broken = PodHooks(of: pod(["pre.hook.backup.velero.io/command": "[broken"]))
        #expect(broken.pre.isEmpty)
        #expect(broken.warnings.count == 1)
        let odd = PodHooks(
            of: pod([
                "pre.hook.backup.velero.io/command": "x", "pre.hook.backup.velero.io/on-error": "Explode",
                "pre.hook.backup.velero.io/timeout": "soon", "pre.hook.backup.velero.io/container": "nobody",
            ]))
        #expect(odd.pre == [BackupHook(container: "nobody", command: ["x"], onError: .goOn)])
        #expect(odd.warnings.count == 2)
        #expect(odd.container(of: odd.pre[0]) == nil)
    }

    @Test(
        arguments: [
            (["resources": [["pre": [["exec": ["command": []]]]]]], "hook '1' of the backup: has no command"),
            (["resources": [["name": "n", "post": [[:]]]]], "hook 'n' of the backup: has no exec"),
            (
                ["resources": [["pre": [["exec": ["command": ["x"], "onError": "No"]]]]]],
                "hook '1' of the backup: onError 'No' is neither Continue nor Fail"
            ),
            (
                ["resources": [["pre": [["exec": ["command": ["x"], "timeout": "soon"]]]]]],
                "hook '1' of the backup: its timeout is no duration"
            ),
        ] as [(JSONValue, String)])
    func `of a backup are refused if they make no sense`(json: JSONValue, words: String) {
        do throws(ActionError) {
            _ = try BackupHooks(json)
            Issue.record("it was taken")
        } catch {
            #expect(error.message == words)
        }
    }
}
