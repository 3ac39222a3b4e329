import KubernetesModel

/// Cluster addresses and node ports were given out by the lost cluster; only what somebody chose is kept. Reference:
/// section 11, `velero.io/service`.
enum ServicePorts {
    static let lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

    static let action = ItemAction(name: "velero.io/service", resources: [Restored.services]) { draft, settings in
        if draft.object.json["spec", "clusterIP"]?.string != "None" {
            draft.object.json["spec", "clusterIP"] = nil
            draft.object.json["spec", "clusterIPs"] = nil
        }
        guard !settings.preserveNodePorts else { return }
        let chosen = ChosenPorts(of: draft.stored)
        if !chosen.healthCheck { draft.object.json["spec", "healthCheckNodePort"] = nil }
        guard var ports = draft.object.json["spec", "ports"]?.array else { return }
        for index in ports.indices where !chosen.contains(ports[index]) { ports[index]["nodePort"] = nil }
        draft.object.json["spec", "ports"] = .array(ports)
    }
}

/// Which node ports of a Service somebody wrote down, rather than the server chose: by what kubectl applied last; if
/// kubectl did not, by the fields that clients are recorded to have set.
struct ChosenPorts {
    private var names: Set<String> = []
    private var unnamedNodePorts: Set<Int64> = []
    private var portsAndProtocols: Set<String> = []
    private(set) var healthCheck = false

    init(of service: APIObject) {
        if let text = service.annotations[ServicePorts.lastApplied],
            // An annotation that is no JSON was not written by kubectl, and says nothing.
            let applied = try? JSONValue(parsing: text)
        {
            readApplied(applied)
        } else {
            for entry in service.json["metadata", "managedFields"]?.array ?? [] {
                readManaged(entry["fieldsV1", "f:spec"] ?? .null)
            }
        }
    }

    private mutating func readApplied(_ service: JSONValue) {
        healthCheck = (service["spec", "healthCheckNodePort"]?.int64 ?? 0) > 0
        for port in service["spec", "ports"]?.array ?? [] {
            guard let nodePort = ChosenPorts.number(port["nodePort"]), nodePort > 0 else { continue }
            if let name = port["name"]?.string, !name.isEmpty {
                names.insert(name)
            } else {
                unnamedNodePorts.insert(nodePort)
            }
        }
    }

    /// kubectl accepts a port in quotes.
    private static func number(_ json: JSONValue?) -> Int64? {
        json?.int64 ?? json?.string.flatMap { Int64($0) }
    }

    private mutating func readManaged(_ spec: JSONValue) {
        if spec["f:healthCheckNodePort"] != nil { healthCheck = true }
        for (key, fields) in spec["f:ports"]?.object ?? [:] where key.hasPrefix("k:") && fields["f:nodePort"] != nil {
            // A key that is no JSON names no port.
            guard let port = try? JSONValue(parsing: String(key.dropFirst(2))) else { continue }
            portsAndProtocols.insert(ChosenPorts.identity(port))
        }
    }

    private static func identity(_ port: JSONValue) -> String {
        "\(port["port"]?.int64 ?? 0)/\(port["protocol"]?.string ?? "TCP")"
    }

    func contains(_ port: JSONValue) -> Bool {
        if portsAndProtocols.contains(ChosenPorts.identity(port)) { return true }
        if let name = port["name"]?.string, !name.isEmpty { return names.contains(name) }
        return port["nodePort"]?.int64.map(unnamedNodePorts.contains) ?? false
    }
}
