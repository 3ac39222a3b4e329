import ClusterBackup
import KubernetesModel
import Testing

@Suite struct FieldOwnershipTests {
    private func entry(_ change: JSONValue = [:]) -> JSONValue {
        MergePatch(change).applied(to: [
            "manager": "kubectl", "operation": "Update", "apiVersion": "v1", "time": "2020-01-01T00:00:00Z",
            "fieldsType": "FieldsV1", "fieldsV1": ["f:data": ["f:key": [:]]],
        ])
    }

    @Test func `one client that sent everything can be stood in for`() {
        #expect(FieldOwnership.soleOwner(of: [entry()], apiVersion: "v1") == "kubectl")
        #expect(FieldOwnership.soleOwner(of: [entry(["subresource": ""])], apiVersion: "v1") == "kubectl")
    }

    @Test(
        arguments: [
            ["operation": "Apply"], ["apiVersion": "v1beta1"], ["subresource": "status"], ["manager": ""],
            ["manager": "line\nbreak"], ["manager": .string(String(repeating: "m", count: 129))], ["fieldsType": .null],
        ] as [JSONValue]) func `others cannot`(change: JSONValue)
    {
        #expect(FieldOwnership.soleOwner(of: [entry(change)], apiVersion: "v1") == nil)
    }

    @Test func `several owners cannot, and nobody cannot`() {
        #expect(FieldOwnership.soleOwner(of: [entry(), entry(["manager": "x"])], apiVersion: "v1") == nil)
        #expect(FieldOwnership.soleOwner(of: [], apiVersion: "v1") == nil)
        #expect(FieldOwnership.soleOwner(of: nil, apiVersion: "v1") == nil)
    }

    @Test func `times and the labels of a restore make no difference, everything else does`() {
        let labels: JSONValue = [".": [:], "f:velero.io/backup-name": [:], "f:velero.io/restore-name": [:]]
        let labelled = entry(["time": "2026-01-01T00:00:00Z", "fieldsV1": ["f:metadata": ["f:labels": labels]]])
        #expect(FieldOwnership.comparable([labelled]) == FieldOwnership.comparable([entry()]))
        let more = entry(["fieldsV1": ["f:metadata": ["f:labels": ["f:app": [:]]]]])
        #expect(FieldOwnership.comparable([more]) != FieldOwnership.comparable([entry()]))
        #expect(FieldOwnership.comparable([entry(["manager": "x"])]) != FieldOwnership.comparable([entry()]))
    }
}
