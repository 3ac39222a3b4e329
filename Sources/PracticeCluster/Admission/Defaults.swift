import Basics
import KubernetesModel

/// What the API server fills in or resets by itself. Only what clients of Martlet can notice; the comparison with the
/// real server in the tests says how far it goes.
enum Defaults {
    /// Kinds whose `metadata.generation` counts the changes of their specification.
    static func hasGeneration(_ kind: ServedKind) -> Bool {
        if kind.isCustom { return true }
        switch kind.storage.description {
        case "daemonsets.apps", "deployments.apps", "replicasets.apps", "statefulsets.apps", "replicationcontrollers",
            "poddisruptionbudgets.policy", "customresourcedefinitions.apiextensions.k8s.io",
            "ingresses.networking.k8s.io",
            "networkpolicies.networking.k8s.io", "ingressclasses.networking.k8s.io",
            "priorityclasses.scheduling.k8s.io", "mutatingwebhookconfigurations.admissionregistration.k8s.io",
            "validatingwebhookconfigurations.admissionregistration.k8s.io":
            return true
        default: return false
        }
    }

    static func prepareNew(_ object: inout JSONValue, kind: ServedKind, version: String) {
        if kind.hasStatus(in: version) { object["status"] = nil }
        if hasGeneration(kind) { object["metadata", "generation"] = 1 }
        fill(&object, kind: kind)
        switch kind.storage.description {
        case "namespaces":
            object["spec", "finalizers"] = ["kubernetes"]
            object["status"] = ["phase": "Active"]
        case "pods": object["status"] = ["phase": "Pending", "qosClass": .string(qualityOfService(object))]
        case "persistentvolumeclaims":
            object["status"] = ["phase": "Pending"]
            addFinalizer("kubernetes.io/pvc-protection", to: &object)
        case "persistentvolumes":
            object["status"] = ["phase": "Pending"]
            addFinalizer("kubernetes.io/pv-protection", to: &object)
        case "services": object["status"] = ["loadBalancer": [:]]
        case "ingresses.networking.k8s.io": object["status"] = ["loadBalancer": [:]]
        case "statefulsets.apps": object["status"] = ["replicas": 0]
        case "replicasets.apps", "replicationcontrollers": object["status"] = ["replicas": 0]
        case "daemonsets.apps":
            object["metadata", "annotations", "deprecated.daemonset.template.generation"] = "1"
            object["status"] = [
                "currentNumberScheduled": 0, "numberMisscheduled": 0, "desiredNumberScheduled": 0, "numberReady": 0,
            ]
        case "poddisruptionbudgets.policy":
            object["status"] = [
                "disruptionsAllowed": 0, "currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 0,
            ]
        case "horizontalpodautoscalers.autoscaling": object["status"] = ["currentReplicas": 0, "desiredReplicas": 0]
        case "deployments.apps", "jobs.batch", "cronjobs.batch", "resourcequotas": object["status"] = [:]
        case "customresourcedefinitions.apiextensions.k8s.io":
            let stored = object["spec", "versions"]?.array?.first { $0["storage"] == true }?["name"] ?? "v1"
            object["status"] = [
                "conditions": .null, "acceptedNames": ["plural": "", "kind": ""], "storedVersions": [stored],
            ]
        default: break
        }
        if kind.storage.description == "jobs.batch" { linkJob(&object) }
    }

    static func prepareUpdate(_ object: inout JSONValue, from before: JSONValue, kind: ServedKind, version: String) {
        fill(&object, kind: kind)
        switch kind.storage.description {
        case "namespaces": object["spec", "finalizers"] = before["spec", "finalizers"]
        case "services":
            // A client that leaves these out means "as it is".
            let isExternal = object["spec", "type"] == "ExternalName"
            for field in ["clusterIP", "clusterIPs"] where !isExternal && object["spec", field] == nil {
                object["spec", field] = before["spec", field]
            }
            if object["spec", "clusterIP"] != before["spec", "clusterIP"],
                object["spec", "clusterIPs"] == before["spec", "clusterIPs"]
            {
                object["spec", "clusterIPs"] = object["spec", "clusterIP"].map { [$0] }
            }
        default: break
        }
    }

    private static func addFinalizer(_ name: String, to object: inout JSONValue) {
        let finalizers = object["metadata", "finalizers"]?.array ?? []
        if !finalizers.contains(.string(name)) {
            object["metadata", "finalizers"] = .array(finalizers + [.string(name)])
        }
    }

    /// Values for fields that were left out.
    private static func fill(_ object: inout JSONValue, kind: ServedKind) {
        switch kind.storage.description {
        case "secrets":
            setDefault(&object, ["type"], "Opaque")
            for (key, value) in object["stringData"]?.object ?? [:] {
                object["data", key] = .string(Base64.encode((value.string ?? "").utf8))
            }
            object["stringData"] = nil
        case "pods": PodDefaults.fill(&object, ["spec"], isPod: true)
        case "podtemplates": fillTemplate(&object, ["template"])
        case "deployments.apps": fillDeployment(&object)
        case "statefulsets.apps": fillStatefulSet(&object)
        case "daemonsets.apps":
            fillTemplate(&object, ["spec", "template"])
            setDefault(&object, ["spec", "updateStrategy", "type"], "RollingUpdate")
            if object["spec", "updateStrategy", "type"] == "RollingUpdate" {
                setDefault(&object, ["spec", "updateStrategy", "rollingUpdate", "maxUnavailable"], 1)
            }
            setDefault(&object, ["spec", "revisionHistoryLimit"], 10)
        case "replicasets.apps", "replicationcontrollers":
            fillTemplate(&object, ["spec", "template"])
            setDefault(&object, ["spec", "replicas"], 1)
        case "jobs.batch":
            fillTemplate(&object, ["spec", "template"])
            if object["spec", "parallelism"] == nil { setDefault(&object, ["spec", "completions"], 1) }
            setDefault(&object, ["spec", "parallelism"], 1)
            setDefault(&object, ["spec", "backoffLimit"], 6)
        case "cronjobs.batch":
            fillTemplate(&object, ["spec", "jobTemplate", "spec", "template"])
            if object["spec", "jobTemplate", "metadata"] == nil {
                object["spec", "jobTemplate", "metadata"] = ["creationTimestamp": .null]
            }
            setDefault(&object, ["spec", "concurrencyPolicy"], "Allow")
            setDefault(&object, ["spec", "suspend"], false)
            setDefault(&object, ["spec", "successfulJobsHistoryLimit"], 3)
            setDefault(&object, ["spec", "failedJobsHistoryLimit"], 1)
        case "services": fillService(&object)
        case "persistentvolumeclaims": setDefault(&object, ["spec", "volumeMode"], "Filesystem")
        case "persistentvolumes":
            setDefault(&object, ["spec", "persistentVolumeReclaimPolicy"], "Retain")
            setDefault(&object, ["spec", "volumeMode"], "Filesystem")
            if object["spec", "hostPath"] != nil { setDefault(&object, ["spec", "hostPath", "type"], "") }
        case "storageclasses.storage.k8s.io":
            setDefault(&object, ["reclaimPolicy"], "Delete")
            setDefault(&object, ["volumeBindingMode"], "Immediate")
        case "priorityclasses.scheduling.k8s.io":
            setDefault(&object, ["preemptionPolicy"], "PreemptLowerPriority")
        case "networkpolicies.networking.k8s.io":
            let hasEgress = object["spec", "egress"] != nil
            setDefault(&object, ["spec", "policyTypes"], hasEgress ? ["Ingress", "Egress"] : ["Ingress"])
        case "horizontalpodautoscalers.autoscaling": setDefault(&object, ["spec", "minReplicas"], 1)
        case "endpoints": fillEndpoints(&object)
        case "roles.rbac.authorization.k8s.io", "clusterroles.rbac.authorization.k8s.io":
            if object["rules"] == nil || object["rules"] == [] { object["rules"] = .null }
        case "rolebindings.rbac.authorization.k8s.io", "clusterrolebindings.rbac.authorization.k8s.io":
            fillBinding(&object)
        case "customresourcedefinitions.apiextensions.k8s.io": fillDefinition(&object)
        default: break
        }
    }

    static func setDefault(_ object: inout JSONValue, _ path: [String], _ value: JSONValue) {
        if object[path] == nil { object[path] = value }
    }

    private static func fillTemplate(_ object: inout JSONValue, _ path: [String]) {
        guard object[path]?.object != nil else { return }
        if object[path + ["metadata", "creationTimestamp"]] == nil {
            object[path + ["metadata", "creationTimestamp"]] = .null
        }
        PodDefaults.fill(&object, path + ["spec"])
    }

    private static func fillDeployment(_ object: inout JSONValue) {
        fillTemplate(&object, ["spec", "template"])
        setDefault(&object, ["spec", "replicas"], 1)
        setDefault(&object, ["spec", "strategy", "type"], "RollingUpdate")
        if object["spec", "strategy", "type"] == "RollingUpdate" {
            setDefault(&object, ["spec", "strategy", "rollingUpdate", "maxUnavailable"], "25%")
            setDefault(&object, ["spec", "strategy", "rollingUpdate", "maxSurge"], "25%")
        }
        setDefault(&object, ["spec", "revisionHistoryLimit"], 10)
        setDefault(&object, ["spec", "progressDeadlineSeconds"], 600)
    }

    private static func fillStatefulSet(_ object: inout JSONValue) {
        fillTemplate(&object, ["spec", "template"])
        setDefault(&object, ["spec", "replicas"], 1)
        setDefault(&object, ["spec", "podManagementPolicy"], "OrderedReady")
        setDefault(&object, ["spec", "updateStrategy", "type"], "RollingUpdate")
        if object["spec", "updateStrategy", "type"] == "RollingUpdate" {
            setDefault(&object, ["spec", "updateStrategy", "rollingUpdate", "partition"], 0)
        }
        setDefault(&object, ["spec", "revisionHistoryLimit"], 10)
        guard let templates = object["spec", "volumeClaimTemplates"]?.array else { return }
        object["spec", "volumeClaimTemplates"] = .array(
            templates.map { template in
                var claim = template
                claim["apiVersion"] = "v1"
                claim["kind"] = "PersistentVolumeClaim"
                setDefault(&claim, ["metadata", "creationTimestamp"], .null)
                setDefault(&claim, ["spec", "volumeMode"], "Filesystem")
                claim["status"] = ["phase": "Pending"]
                return claim
            })
    }

    private static func fillService(_ object: inout JSONValue) {
        setDefault(&object, ["spec", "type"], "ClusterIP")
        setDefault(&object, ["spec", "sessionAffinity"], "None")
        let type = object["spec", "type"]
        if type == "NodePort" || type == "LoadBalancer" {
            setDefault(&object, ["spec", "externalTrafficPolicy"], "Cluster")
        } else {
            object["spec", "externalTrafficPolicy"] = nil
        }
        guard let ports = object["spec", "ports"]?.array else { return }
        object["spec", "ports"] = .array(
            ports.map { port in
                var port = port
                setDefault(&port, ["protocol"], "TCP")
                if type != "ExternalName" { setDefault(&port, ["targetPort"], port["port"] ?? 0) }
                return port
            })
    }

    private static func fillEndpoints(_ object: inout JSONValue) {
        guard let subsets = object["subsets"]?.array else { return }
        object["subsets"] = .array(
            subsets.map { subset in
                var subset = subset
                if let ports = subset["ports"]?.array {
                    subset["ports"] = .array(
                        ports.map { port in
                            var port = port
                            setDefault(&port, ["protocol"], "TCP")
                            return port
                        })
                }
                return subset
            })
    }

    private static func fillBinding(_ object: inout JSONValue) {
        setDefault(&object, ["roleRef", "apiGroup"], "rbac.authorization.k8s.io")
        guard let subjects = object["subjects"]?.array else { return }
        object["subjects"] = .array(
            subjects.map { subject in
                var subject = subject
                if subject["kind"] == "User" || subject["kind"] == "Group" {
                    setDefault(&subject, ["apiGroup"], "rbac.authorization.k8s.io")
                }
                return subject
            })
    }

    private static func fillDefinition(_ object: inout JSONValue) {
        guard let kind = object["spec", "names", "kind"]?.string else { return }
        setDefault(&object, ["spec", "names", "singular"], .string(kind.lowercased()))
        setDefault(&object, ["spec", "names", "listKind"], .string(kind + "List"))
        setDefault(&object, ["spec", "conversion", "strategy"], "None")
    }

    private static func linkJob(_ object: inout JSONValue) {
        guard object["spec", "manualSelector"] != true, let uid = object["metadata", "uid"] else { return }
        let labels: JSONValue = ["controller-uid": uid, "job-name": object["metadata", "name"] ?? ""]
        for (key, value) in labels.object ?? [:] {
            setDefault(&object, ["spec", "template", "metadata", "labels", key], value)
        }
        setDefault(&object, ["spec", "selector", "matchLabels", "controller-uid"], uid)
        if (object["metadata", "labels"]?.object ?? [:]).isEmpty {
            object["metadata", "labels"] = object["spec", "template", "metadata", "labels"]
        }
    }

    /// Source: Kubernetes documentation, "Pod Quality of Service Classes"; enough to tell the three apart.
    private static func qualityOfService(_ pod: JSONValue) -> String {
        let containers = pod["spec", "containers"]?.array ?? []
        let resources = containers.map { $0["resources"] ?? [:] }
        func has(_ resource: JSONValue, _ side: String) -> Bool { !(resource[side]?.object ?? [:]).isEmpty }
        if resources.allSatisfy({ !has($0, "limits") && !has($0, "requests") }) { return "BestEffort" }
        let isGuaranteed = resources.allSatisfy { resource in
            let limits = resource["limits"]?.object ?? [:]
            let requests = resource["requests"]?.object ?? [:]
            return limits["cpu"] != nil && limits["memory"] != nil
                && ["cpu", "memory"].allSatisfy { requests[$0] == nil || requests[$0] == limits[$0] }
        }
        return isGuaranteed ? "Guaranteed" : "Burstable"
    }
}
