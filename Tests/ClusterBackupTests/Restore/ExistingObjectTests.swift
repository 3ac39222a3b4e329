import ClusterBackup
import KubernetesModel
import Testing

@Suite("Objects that exist already")
struct ExistingObjectTests {
    private let labels = #""velero.io/backup-name":"b","velero.io/restore-name":"r""#

    private func decide(
        _ kind: String, stored: String, found: String, policy: ExistingResourcePolicy = .none
    ) throws -> ExistingDecision {
        let resource = GroupResource(kind)
        let prepared = try APIObject.parsed(stored)
        let normalized = ItemPreparation.normalized(
            try .parsed(found), like: prepared, resource: resource, preserveNodePorts: false)
        return ExistingObject.decide(prepared: prepared, found: normalized, resource: resource, policy: policy)
    }

    private func configMap(_ value: String, labels: String = "", more: String = "") -> String {
        """
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","namespace":"n","labels":{\(labels)}\(more)},
        "data":{"key":"\(value)"}}
        """
    }

    private let serverFields = """
        ,"uid":"1","resourceVersion":"2","generation":3,"creationTimestamp":"2026-01-01T00:00:00Z","selfLink":"/x",
        "ownerReferences":[{"name":"o"}],"managedFields":[{"manager":"x"}]
        """

    @Test("are left in silence if they are the same but for what a restore resets", arguments: [false, true])
    func same(hasLabels: Bool) throws {
        let found = configMap("1", labels: hasLabels ? labels : "", more: serverFields)
        #expect(try decide("configmaps", stored: configMap("1", labels: labels), found: found) == .same(relabel: nil))
    }

    @Test("get the labels of the restore with policy update")
    func relabelled() throws {
        let decision = try decide(
            "configmaps", stored: configMap("1", labels: labels), found: configMap("1"), policy: .update)
        guard case .same(let patch?) = decision else {
            Issue.record("\(decision)")
            return
        }
        #expect(
            patch.json
                == ["metadata": ["labels": ["velero.io/backup-name": "b", "velero.io/restore-name": "r"]]])
    }

    @Test("stay as they are if they differ")
    func differ() throws {
        let decision = try decide("configmaps", stored: configMap("1", labels: labels), found: configMap("2"))
        guard case .differs(let changes) = decision else {
            Issue.record("\(decision)")
            return
        }
        #expect(changes.map(\.path) == ["data.key"])
    }

    @Test("become the stored ones with policy update, labels included")
    func updated() throws {
        let decision = try decide(
            "configmaps", stored: configMap("1", labels: labels), found: configMap("2", labels: #""own":"x""#),
            policy: .update)
        guard case .update(let patch, _, let changes) = decision else {
            Issue.record("\(decision)")
            return
        }
        let expected = try JSONValue(
            parsing: #"{"data":{"key":"1"},"metadata":{"labels":{"own":null,\#(labels)}}}"#)
        #expect(patch.json == expected)
        #expect(changes.map(\.path) == ["data.key", "metadata.labels.own"])
    }

    @Test("are compared without what the cluster gave them")
    func services() throws {
        let stored = """
            {"apiVersion":"v1","kind":"Service","metadata":{"name":"s","namespace":"n"},"spec":{"type":"NodePort",
            "ports":[{"port":80,"protocol":"TCP"}]}}
            """
        let found = """
            {"apiVersion":"v1","kind":"Service","metadata":{"name":"s","namespace":"n"},"spec":{"type":"NodePort",
            "clusterIP":"10.96.0.9","clusterIPs":["10.96.0.9"],"ports":[{"port":80,"protocol":"TCP","nodePort":31111}]},
            "status":{"loadBalancer":{}}}
            """
        #expect(try decide("services", stored: stored, found: found) == .same(relabel: nil))
    }

    @Test("claims are the same when the cluster bound them anew")
    func claims() throws {
        let stored = #"{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"c"},"spec":{"a":1}}"#
        let found = """
            {"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"c","annotations":
            {"pv.kubernetes.io/bind-completed":"yes"}},"spec":{"a":1,"volumeName":"pvc-1"},"status":{"phase":"Bound"}}
            """
        #expect(try decide("persistentvolumeclaims", stored: stored, found: found) == .same(relabel: nil))
    }

    @Test("service accounts are given what they lack and lose nothing")
    func serviceAccounts() throws {
        let stored = """
            {"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"sa","labels":{"a":"old","b":"2",\(labels)}},
            "secrets":[{"name":"mine"}],"imagePullSecrets":[{"name":"pull"}]}
            """
        let found = """
            {"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"sa","labels":{"a":"1"}},
            "secrets":[{"name":"sa-token-abcde"},{"name":"theirs"}]}
            """
        let decision = try decide("serviceaccounts", stored: stored, found: found)
        guard case .extend(let patch, _) = decision else {
            Issue.record("\(decision)")
            return
        }
        #expect(patch.json["metadata", "labels"] == ["b": "2"])
        #expect(patch.json["imagePullSecrets"] == [["name": "pull"]])
    }

    @Test("a service account that lacks nothing is left alone")
    func completeAccount() throws {
        let account = #"{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"default","namespace":"n"}}"#
        #expect(try decide("serviceaccounts", stored: account, found: account) == .same(relabel: nil))
    }

    @Test("the difference of Secrets is told without what they hold")
    func secrets() throws {
        func secret(_ value: String) -> String {
            #"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"password":"\#(value)"}}"#
        }
        let decision = try decide("secrets", stored: secret("b2xk"), found: secret("bmV3"))
        guard case .differs(let changes) = decision else {
            Issue.record("\(decision)")
            return
        }
        let text = changes.map(\.description).joined()
        #expect(text.contains("password") && !text.contains("b2xk") && !text.contains("bmV3"))
    }
}
