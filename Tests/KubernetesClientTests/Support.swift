import Basics
import KubernetesClient
import KubernetesModel
import MartletTestSupport
import Synchronization
import Transport

let configMaps = ResourceKind(
    groupVersion: GroupVersion(group: "", version: "v1"), resource: "configmaps", kind: "ConfigMap",
    singular: "configmap", shortNames: ["cm"], isNamespaced: true)
let secrets = ResourceKind(
    groupVersion: GroupVersion(group: "", version: "v1"), resource: "secrets", kind: "Secret", isNamespaced: true)
let deployments = ResourceKind(
    groupVersion: GroupVersion(group: "apps", version: "v1"), resource: "deployments", kind: "Deployment",
    singular: "deployment", shortNames: ["deploy"], isNamespaced: true)

/// A client of a scripted server, whose pauses take no time.
struct ScriptedCluster {
    let transport: ScriptedTransport
    let clock = SkippingClock()
    let client: APIClient

    init(
        _ script: [ScriptedTransport.Answer], credentials: any CredentialSource = FixedCredential(),
        impersonation: Impersonation? = nil, policy: RetryPolicy = RetryPolicy()
    ) throws {
        try self.init(
            ScriptedTransport(script), credentials: credentials, impersonation: impersonation, policy: policy)
    }

    init(
        _ transport: ScriptedTransport, credentials: any CredentialSource = FixedCredential(),
        impersonation: Impersonation? = nil, policy: RetryPolicy = RetryPolicy()
    ) throws {
        self.transport = transport
        let generator = Mutex(SeededGenerator(seed: 7))
        client = APIClient(
            endpoint: try APIEndpoint("https://cluster.test:6443/base/"), transport: transport,
            credentials: credentials,
            impersonation: impersonation, policy: policy, clock: clock,
            random: { generator.withLock { $0.next() } })
    }

    var paths: [String] { transport.sent.map { String($0.path.dropFirst("/base".count)) } }
}

/// A page of a list of ConfigMaps.
func page(_ names: [String], continue token: String? = nil, resourceVersion: String = "10") -> String {
    let items = names.map { #"{"metadata":{"name":"\#($0)","namespace":"n"}}"# }.joined(separator: ",")
    let next = token.map { #","continue":"\#($0)""# } ?? ""
    return
        #"{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"\#(resourceVersion)"\#(next)},"items":[\#(items)]}"#
}
