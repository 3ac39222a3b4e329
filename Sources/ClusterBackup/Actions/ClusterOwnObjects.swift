import KubernetesModel

/// Objects that every cluster makes by itself, out of others that do come back: restored ones would only be in the way of
/// the controllers, which throw them out or write over them.
enum ClusterOwnObjects {
    /// The certificate of the cluster's authority, which each namespace is given; that of another cluster is of no use.
    static let authorities = ItemAction(
        name: "martlet/cluster-authority", resources: [GroupResource("configmaps")]
    ) { draft, _ in
        if draft.stored.name == "kube-root-ca.crt" { draft.skipReason = "every cluster publishes its own" }
    }

    /// Slices that a controller makes out of a Service or its Endpoints, under names that it makes up. Those that
    /// somebody wrote by hand come back. Source: Kubernetes documentation, "EndpointSlices", "Management".
    static let slices = ItemAction(
        name: "martlet/endpoint-slices", resources: [GroupResource("endpointslices.discovery.k8s.io")]
    ) { draft, _ in
        let manager = draft.stored.labels["endpointslice.kubernetes.io/managed-by"] ?? ""
        if ["endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io"].contains(manager) {
            draft.skipReason = remade
        }
    }

    /// The addresses of the lost cluster's pods, which a controller keeps for a Service. It leaves its mark when it has
    /// seen pods; those that somebody wrote by hand have none, and come back.
    static let endpoints = ItemAction(
        name: "martlet/endpoints", resources: [GroupResource("endpoints")]
    ) { draft, _ in
        if draft.stored.annotations["endpoints.kubernetes.io/last-change-trigger-time"] != nil {
            draft.skipReason = remade
        }
    }

    private static let remade = "the cluster makes its own out of the Service"
}
