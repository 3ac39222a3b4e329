import KubernetesModel

/// What the API server fills into a pod's specification, in pods and in templates of pods.
enum PodDefaults {
    static func fill(_ object: inout JSONValue, _ path: [String], isPod: Bool = false) {
        guard var spec = object[path], spec.object != nil else { return }
        Defaults.setDefault(&spec, ["restartPolicy"], "Always")
        Defaults.setDefault(&spec, ["terminationGracePeriodSeconds"], 30)
        Defaults.setDefault(&spec, ["dnsPolicy"], "ClusterFirst")
        Defaults.setDefault(&spec, ["securityContext"], [:])
        Defaults.setDefault(&spec, ["schedulerName"], "default-scheduler")
        if isPod { Defaults.setDefault(&spec, ["enableServiceLinks"], true) }
        if let account = spec["serviceAccountName"] ?? spec["serviceAccount"] {
            spec["serviceAccountName"] = account
            spec["serviceAccount"] = account
        }
        for field in ["containers", "initContainers"] {
            guard let containers = spec[field]?.array else { continue }
            spec[field] = .array(containers.map(filled))
        }
        if let volumes = spec["volumes"]?.array { spec["volumes"] = .array(volumes.map(filledVolume)) }
        object[path] = spec
    }

    private static func filled(_ container: JSONValue) -> JSONValue {
        var container = container
        Defaults.setDefault(&container, ["resources"], [:])
        Defaults.setDefault(&container, ["terminationMessagePath"], "/dev/termination-log")
        Defaults.setDefault(&container, ["terminationMessagePolicy"], "File")
        let image = container["image"]?.string ?? ""
        let tag = image.split(separator: "/").last?.split(separator: ":").dropFirst().last ?? "latest"
        let isLatest = tag == "latest" && !image.contains("@")
        Defaults.setDefault(&container, ["imagePullPolicy"], isLatest ? "Always" : "IfNotPresent")
        if let ports = container["ports"]?.array {
            container["ports"] = .array(
                ports.map { port in
                    var port = port
                    Defaults.setDefault(&port, ["protocol"], "TCP")
                    return port
                })
        }
        return container
    }

    private static func filledVolume(_ volume: JSONValue) -> JSONValue {
        var volume = volume
        for source in ["secret", "configMap", "downwardAPI", "projected"] where volume[source]?.object != nil {
            Defaults.setDefault(&volume, [source, "defaultMode"], 420)
        }
        if volume["hostPath"]?.object != nil { Defaults.setDefault(&volume, ["hostPath", "type"], "") }
        if volume.object?.keys.elementsEqual(["name"]) ?? false { volume["emptyDir"] = [:] }
        return volume
    }
}

extension ClusterState {
    /// What admission adds to every pod: its service account with the token, its priority, tolerations of a minute's
    /// trouble with nodes.
    func admitPod(_ pod: inout JSONValue, namespace: String, name: String) throws(Refusal) {
        let pods = GroupResource("pods")
        let accountName = pod["spec", "serviceAccountName"]?.string ?? pod["spec", "serviceAccount"]?.string ?? ""
        let account = accountName.isEmpty ? "default" : accountName
        guard
            let serviceAccount = object(
                GroupResource("serviceaccounts"), ObjectKey(namespace: namespace, name: account))
        else {
            throw .forbidden(
                pods, name,
                "error looking up service account \(namespace)/\(account): serviceaccount \"\(account)\" not found")
        }
        guard pod["spec"]?.object != nil else { return }
        pod["spec", "serviceAccountName"] = .string(account)
        pod["spec", "serviceAccount"] = .string(account)
        mountToken(of: serviceAccount, into: &pod)
        try setPriority(&pod, name)
        var tolerations = pod["spec", "tolerations"]?.array ?? []
        for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]
        where !tolerations.contains(where: { $0["key"] == .string(key) }) {
            tolerations.append(
                ["key": .string(key), "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300])
        }
        pod["spec", "tolerations"] = .array(tolerations)
    }

    private func mountToken(of account: JSONValue, into pod: inout JSONValue) {
        guard pod["spec", "automountServiceAccountToken"] != false, settings.version.makesTokenSecrets,
            let secret = (account["secrets"]?.array ?? []).compactMap({ $0["name"]?.string }).first
        else { return }
        let path: JSONValue = "/var/run/secrets/kubernetes.io/serviceaccount"
        var volumes = pod["spec", "volumes"]?.array ?? []
        let volume =
            volumes.first { $0["secret", "secretName"] == .string(secret) }?["name"] ?? .string(secret)
        var isUsed = false
        for field in ["initContainers", "containers"] {
            guard let containers = pod["spec", field]?.array else { continue }
            pod["spec", field] = .array(
                containers.map { container in
                    var mounts = container["volumeMounts"]?.array ?? []
                    if mounts.contains(where: { $0["mountPath"] == path }) { return container }
                    mounts.append(["name": volume, "readOnly": true, "mountPath": path])
                    isUsed = true
                    var container = container
                    container["volumeMounts"] = .array(mounts)
                    return container
                })
        }
        guard isUsed, !volumes.contains(where: { $0["name"] == volume }) else { return }
        volumes.append(["name": volume, "secret": ["secretName": .string(secret), "defaultMode": 420]])
        pod["spec", "volumes"] = .array(volumes)
    }

    private func setPriority(_ pod: inout JSONValue, _ name: String) throws(Refusal) {
        var priority: JSONValue = 0
        if let className = pod["spec", "priorityClassName"]?.string, !className.isEmpty {
            let classes = GroupResource("priorityclasses.scheduling.k8s.io")
            guard let found = object(classes, ObjectKey(namespace: "", name: className)) else {
                throw .forbidden(
                    GroupResource("pods"), name, "no PriorityClass with name \(className) was found")
            }
            priority = found["value"] ?? 0
        }
        pod["spec", "priority"] = priority
        Defaults.setDefault(&pod, ["spec", "preemptionPolicy"], "PreemptLowerPriority")
    }
}
