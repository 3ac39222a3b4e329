package import KubernetesModel

/// Who owns which fields of an object, as `metadata.managedFields` has it. Pure.
///
/// Server-side apply lives by it: a field that nobody owns any more can be taken over, or removed, by whoever comes next.
/// Source: Kubernetes documentation, "Server-Side Apply", "Field management".
package enum FieldOwnership {
    /// Longest name of a field manager that a server takes. Source: Kubernetes, `ValidateFieldManager`.
    private static let longestManager = 128

    /// Under whose name the object is to be created, so that the server writes down by itself what was saved. Nil if only a
    /// second request can bring that about.
    ///
    /// Most objects were sent whole by one client and never touched again. For them this halves the requests of a restore.
    package static func soleOwner(of saved: JSONValue?, apiVersion: String) -> String? {
        guard let entries = saved?.array, entries.count == 1, entries[0]["operation"] == "Update",
            entries[0]["apiVersion"]?.string == apiVersion, entries[0]["fieldsType"] == "FieldsV1",
            (entries[0]["subresource"]?.string ?? "").isEmpty, let manager = entries[0]["manager"]?.string,
            (1...longestManager).contains(manager.utf8.count), manager.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else { return nil }
        return manager
    }

    /// `managedFields` without what is new by design: when a field was set, and the labels of the restore.
    package static func comparable(_ managedFields: JSONValue?) -> [JSONValue] {
        (managedFields?.array ?? []).map { entry in
            var entry = entry
            entry["time"] = nil
            var labels = entry["fieldsV1", "f:metadata", "f:labels"]?.object ?? [:]
            for label in ["velero.io/backup-name", "velero.io/restore-name"] { labels["f:" + label] = nil }
            // A dot alone stands for the map itself, which came with its first entry.
            let isEmpty = labels.keys.allSatisfy { $0 == "." }
            entry["fieldsV1", "f:metadata", "f:labels"] = isEmpty ? nil : .object(labels)
            if entry["fieldsV1", "f:metadata"]?.object?.isEmpty == true { entry["fieldsV1", "f:metadata"] = nil }
            return entry
        }
    }
}
