import KubernetesModel

/// APIServices that the API server makes for its own groups come back by themselves.
enum AggregatedAPIServices {
    static let action = ItemAction(name: "velero.io/apiservice", resources: [Restored.apiServices]) { draft, _ in
        if draft.stored.labels["kube-aggregator.kubernetes.io/automanaged"] != nil {
            draft.skipReason = "the API server manages this APIService itself"
        }
    }
}
