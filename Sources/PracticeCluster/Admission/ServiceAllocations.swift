import KubernetesModel

/// The cluster addresses and node ports that are taken, as the ranges `10.96.0.0/16` and 30000-32767 have them.
struct ServiceAllocations {
    private var addresses: [String: ObjectKey] = [:]
    /// `TCP/30080`: a port of one protocol leaves the same port of another free.
    private var ports: [String: ObjectKey] = [:]

    /// Fills in what the service leaves to the cluster and takes what it names.
    mutating func allocate(
        _ service: inout JSONValue, for key: ObjectKey, kind: ServedKind, using random: inout SplitMix
    ) throws(Refusal) {
        let problems = allocateAddress(&service, key, &random) ?? allocatePorts(&service, key, &random)
        guard let problems else { return }
        throw .invalid(kind: kind.kind, group: kind.resource.group, name: key.name, [problems])
    }

    /// Takes what `service` has, without asking.
    mutating func claim(_ service: JSONValue, for key: ObjectKey) {
        if let address = service["spec", "clusterIP"]?.string { addresses[address] = key }
    }

    mutating func release(_ key: ObjectKey) {
        addresses = addresses.filter { $0.value != key }
        ports = ports.filter { $0.value != key }
    }

    private mutating func allocateAddress(
        _ service: inout JSONValue, _ key: ObjectKey, _ random: inout SplitMix
    ) -> FieldProblem? {
        guard service["spec", "type"] != "ExternalName" else { return nil }
        var address = service["spec", "clusterIP"]?.string ?? ""
        if address.isEmpty { address = service["spec", "clusterIPs"]?.array?.first?.string ?? "" }
        if address.isEmpty {
            repeat {
                let number = Int.random(in: 1..<65_535, using: &random)
                address = "10.96.\(number >> 8).\(number & 255)"
            } while addresses[address] != nil  // Ends: 65,534 addresses are more than a practice cluster's services.
        } else if address != "None" {
            let failure = "failed to allocated ip:\(address) with error:"
            let value = "[]string{\"\(address)\"}"
            guard ServiceAllocations.isInRange(address) else {
                return .invalid(
                    "spec.clusterIPs", value,
                    failure + "provided IP is not in the valid range. The range of valid IPs is 10.96.0.0/16")
            }
            if addresses[address] != nil {
                return .invalid("spec.clusterIPs", value, failure + "provided IP is already allocated")
            }
        }
        if address != "None" { addresses[address] = key }
        service["spec", "clusterIP"] = .string(address)
        if service["spec", "clusterIPs"] == nil { service["spec", "clusterIPs"] = [.string(address)] }
        return nil
    }

    private mutating func allocatePorts(
        _ service: inout JSONValue, _ key: ObjectKey, _ random: inout SplitMix
    ) -> FieldProblem? {
        let type = service["spec", "type"]
        guard type == "NodePort" || type == "LoadBalancer", let list = service["spec", "ports"]?.array else {
            return nil
        }
        var result = list
        for (index, port) in list.enumerated() {
            let transport = port["protocol"]?.string ?? "TCP"
            if let wanted = port["nodePort"]?.int64, wanted != 0 {
                let field = "spec.ports[\(index)].nodePort"
                guard (30_000...32_767).contains(wanted) else {
                    return .invalid(
                        field, String(wanted),
                        "provided port is not in the valid range. The range of valid ports is 30000-32767")
                }
                if ports["\(transport)/\(wanted)"] != nil {
                    return .invalid(field, String(wanted), "provided port is already allocated")
                }
                ports["\(transport)/\(wanted)"] = key
            } else {
                var number = 0
                repeat {
                    number = Int.random(in: 30_000...32_767, using: &random)
                } while ports["\(transport)/\(number)"]
                    != nil && ports.count < 2_700  // Ends: some ports are always free below that count.
                ports["\(transport)/\(number)"] = key
                result[index]["nodePort"] = .number(JSONNumber(number))
            }
        }
        service["spec", "ports"] = .array(result)
        return nil
    }

    private static func isInRange(_ address: String) -> Bool {
        let parts = address.split(separator: ".").compactMap { UInt8($0) }
        return parts.count == 4 && parts[0] == 10 && parts[1] == 96
    }
}
