package import KubernetesModel

/// What a restore takes off every object, because the server gives it anew. Reference: section 10.4, points 1 and 2.
package enum ObjectReset {
    /// Labels, annotations and finalizers stay; `managedFields` stay too, and are put back after the create.
    static let metadataFields = [
        "generateName", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
        "deletionGracePeriodSeconds", "ownerReferences",
    ]

    package static func reset(_ object: inout APIObject) {
        var metadata = object.metadata
        for field in metadataFields { metadata[field] = nil }
        object.metadata = metadata
        object.json["status"] = nil
    }
}
