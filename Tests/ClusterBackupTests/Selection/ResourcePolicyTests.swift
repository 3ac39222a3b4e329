import ClusterBackup
import KubernetesModel
import Testing

@Suite struct ResourcePolicyTests {
    @Test func `a whole policy is read`() throws {
        let policy = try ResourcePolicy(
            parsing: """
                version: v1
                volumePolicies:
                  - conditions:
                      capacity: "0,100Gi"
                      storageClass: [gp2, standard]
                      nfs: {server: 192.168.0.1, path: /mnt}
                      csi: {driver: ebs.csi.aws.com, volumeAttributes: {k: v}}
                      volumeTypes: [emptyDir, configMap]
                      pvcLabels: {env: prod}
                      pvcPhase: [Pending, Lost]
                    action: {type: skip}
                  - conditions: {}
                    action: {type: fs-backup, parameters: {a: b}}
                includeExcludePolicy:
                  excludedNamespaceScopedResources: [secrets]
                """)
        let first = try #require(policy.volumePolicies.first)
        #expect(first.action == .skip)
        #expect(first.conditions.minimumCapacity == 0)
        #expect(first.conditions.maximumCapacity == 100 << 30)
        #expect(first.conditions.nfs?.path == "/mnt")
        #expect(first.conditions.csi?.volumeAttributes == ["k": "v"])
        #expect(first.conditions.pvcPhases == ["Pending", "Lost"])
        #expect(policy.volumePolicies[1].parameters == ["a": "b"])
        #expect(policy.includeExclude?.excludedNamespaceScopedResources == ["secrets"])
    }

    @Test(arguments: [
        ("volumePolicies: []", "version must be v1"), ("version: v2", "version must be v1"),
        ("version: v1\nother: 1", "unknown field 'other'"),
        ("version: v1\nvolumePolicies: [{conditions: {}}]", "action is missing"),
        ("version: v1\nvolumePolicies: [{action: {type: delete}}]", "type 'delete'"),
        (
            "version: v1\nvolumePolicies: [{action: {type: skip}, conditions: {capacitee: 1}}]",
            "unknown field 'capacitee'"
        ),
        ("version: v1\nvolumePolicies: [{action: {type: skip}, conditions: {capacity: '5Gi'}}]", "capacity"),
        ("version: v1\nvolumePolicies: [{action: {type: skip}, conditions: {capacity: '9Gi,5Gi'}}]", "wrong way round"),
        ("version: v1\nvolumePolicies: [{action: {type: skip}, conditions: {capacity: 'x,5Gi'}}]", "no quantity"),
        ("version: v1\nincludeExcludePolicy: {includedClusterScopedResources: ['*']}", "may not have '*'"),
        ("- a", "not a mapping"), ("version: [", "YAML"), ("", "not a mapping"),
    ])
    func `a policy that is not understood is refused with its place`(yaml: String, words: String) {
        let error = thrown { _ = try ResourcePolicy(parsing: yaml) }
        #expect(error?.code == .invalid)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "no error")")
    }

    @Test func `a ConfigMap has exactly one key`() {
        let none = APIObject(["metadata": ["name": "p"], "data": [:]])
        let two = APIObject(["metadata": ["name": "p"], "data": ["a": "version: v1", "b": "version: v1"]])
        let one = APIObject(["metadata": ["name": "p"], "data": ["a": "version: v1"]])
        #expect(thrown { _ = try ResourcePolicy(configMap: none) }?.code == .invalid)
        #expect(thrown { _ = try ResourcePolicy(configMap: two) }?.code == .invalid)
        #expect(thrown { _ = try ResourcePolicy(configMap: one) } == nil)
    }
}
