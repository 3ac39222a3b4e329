import ClusterBackup
import KubernetesModel
import Testing

@Suite("Comparison of saved and restored objects")
struct ObjectComparisonTests {
    private func differences(
        _ resource: String, _ original: String, _ restored: String,
        _ options: ObjectComparison.Options = .init()
    ) throws -> [String] {
        ObjectComparison.differences(
            original: try .parsed(original), restored: try .parsed(restored), resource: GroupResource(resource),
            options: options
        ).map(\.path)
    }

    @Test("takes off what a restore resets")
    func resets() throws {
        let original = """
            {"apiVersion":"v1","kind":"Service","metadata":{"name":"s","namespace":"n","uid":"1","resourceVersion":"1",
            "creationTimestamp":"x"},"spec":{"clusterIP":"10.0.0.1","ports":[{"port":1,"nodePort":30000}]},"status":{"a":1}}
            """
        let restored = """
            {"apiVersion":"v1","kind":"Service","metadata":{"name":"s","namespace":"n","uid":"2","resourceVersion":"2",
            "labels":{"velero.io/backup-name":"b","velero.io/restore-name":"r"}},
            "spec":{"clusterIP":"10.0.0.9","ports":[{"port":1,"nodePort":31000}]}}
            """
        #expect(try differences("services", original, restored).isEmpty)
    }

    @Test("finds what was lost, added and changed")
    func finds() throws {
        let original = #"{"kind":"ConfigMap","metadata":{"name":"c","labels":{"a":"1"}},"data":{"x":"1","y":"2"}}"#
        let restored = #"{"kind":"ConfigMap","metadata":{"name":"c"},"data":{"x":"1","y":"3","z":"4"}}"#
        #expect(try differences("configmaps", original, restored) == ["data.y", "data.z", "metadata.labels"])
    }

    @Test("follows a namespace mapping")
    func mapping() throws {
        var options = ObjectComparison.Options()
        options.namespaceMapping = ["a": "b"]
        let binding = #"{"metadata":{"name":"r","namespace":"NS"},"subjects":[{"namespace":"NS"}]}"#
        #expect(
            try differences(
                "rolebindings.rbac.authorization.k8s.io", binding.replacing("NS", with: "a"),
                binding.replacing("NS", with: "b"), options
            ).isEmpty)
    }

    @Test("compares managed fields when asked")
    func managedFields() throws {
        var options = ObjectComparison.Options()
        options.comparesManagedFields = true
        let original = #"{"metadata":{"name":"c","managedFields":[{"manager":"a"}]}}"#
        let restored = #"{"metadata":{"name":"c","managedFields":[{"manager":"b"}]}}"#
        #expect(try differences("configmaps", original, restored).isEmpty)
        #expect(try !differences("configmaps", original, restored, options).isEmpty)
    }
}
