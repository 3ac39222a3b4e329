import HTTPTypes
import KubernetesModel
import Synchronization
package import Transport

/// A command that a client runs in a container of a practice cluster. Nothing runs in there: what the command does and
/// says is up to whoever answers it.
package final class PracticeExec: Sendable {
    package let namespace: String
    package let pod: String
    package let container: String
    package let command: [String]
    /// Whether the client sends input.
    package let hasInput: Bool
    /// `v5.channel.k8s.io` or `v4.channel.k8s.io`.
    package let subprotocol: String
    /// The connection itself, for what no honest server does.
    package let peer: WebSocketPeer

    init(_ target: ExecTarget, subprotocol: String, peer: WebSocketPeer) {
        namespace = target.namespace
        pod = target.pod
        container = target.container
        command = target.command
        hasInput = target.hasInput
        self.subprotocol = subprotocol
        self.peer = peer
    }

    /// What a container does with commands; called in a task of its own for each.
    package typealias Container = @Sendable (PracticeExec) async -> Void

    package func say(_ text: String) async { await send(1, Array(text.utf8)) }
    package func complain(_ text: String) async { await send(2, Array(text.utf8)) }

    /// The next input; nil at its end, also when the client is gone.
    package func input() async -> [UInt8]? {
        while let message = await peer.next() {
            switch message {
            case .binary(let bytes) where bytes.first == 0: return Array(bytes.dropFirst())
            case .binary(let bytes) where bytes == [255, 0]: return nil
            case .ping(let payload): await peer.send(WebSocketFrame(.pong, payload))
            case .close: return nil
            case .binary, .text, .pong: break
            }
        }
        return nil
    }

    /// The command ends.
    package func exit(_ code: Int = 0) async {
        guard code != 0 else { return await end(["metadata": [:], "status": "Success"]) }
        await end([
            "metadata": [:], "status": "Failure", "reason": "NonZeroExitCode",
            "message": .string("command terminated with non-zero exit code: exit status \(code)"),
            "details": ["causes": [["reason": "ExitCode", "message": .string(String(code))]]],
        ])
    }

    /// The command cannot be run.
    package func refuse(_ message: String) async {
        await end([
            "metadata": [:], "status": "Failure", "reason": "InternalError", "code": 500, "message": .string(message),
        ])
    }

    private func end(_ status: JSONValue) async {
        await send(3, status.serialized())
        await peer.send(WebSocketFrame(.close, WebSocketClose(code: 1000).payload))
        await peer.close()
    }

    private func send(_ channel: UInt8, _ bytes: [UInt8]) async {
        await peer.send(WebSocketFrame(.binary, [channel] + bytes))
    }
}

/// What an exec request asks for, once it was found to be sound.
struct ExecTarget: Sendable {
    let namespace: String
    let pod: String
    let container: String
    let command: [String]
    let hasInput: Bool
}

extension ClusterState {
    /// Refusals as of Kubernetes 1.20, `pkg/registry/core/pod/strategy.go`.
    func exec(_ request: APIRequest, _ target: ResourceTarget, _ kind: ServedKind) throws(Refusal) -> Answer {
        let (namespace, name) = (target.namespace ?? "", target.name ?? "")
        guard let entry = entry(kind, ObjectKey(namespace: namespace, name: name)) else {
            throw .notFound(kind.resource, name)
        }
        let containers = (object(entry)["spec", "containers"]?.array ?? []).compactMap { $0["name"]?.string }
        let wanted = request.query["container"] ?? ""
        if wanted.isEmpty, containers.count > 1 {
            throw .badRequest(
                "a container name must be specified for pod \(name), choose one of: [\(containers.joined(separator: " "))]"
            )
        }
        guard let container = wanted.isEmpty ? containers.first : wanted, containers.contains(container) else {
            throw .badRequest("container \(wanted) is not valid for pod \(name)")
        }
        let command = request.values(of: "command")
        guard !command.isEmpty else { throw .badRequest("you must specify at least 1 container, command") }
        // Said by what is behind the server, the kubelet of a real node: its answer is no JSON.
        guard request.accept.isEmpty || request.accept.contains("*/*") else {
            throw Refusal(APIStatus(code: 406, reason: "", message: "406: Not Acceptable"))
        }
        return .exec(
            ExecTarget(
                namespace: namespace, pod: name, container: container, command: command,
                hasInput: request.query["stdin"] == "true"))
    }
}

extension PracticeCluster {
    /// What happens to commands that clients run in containers. Without it they are refused: nothing runs in here.
    ///
    /// - Parameter speaks: the subprotocols of exec that the server knows.
    package func answerExec(
        speaks: Set<String> = ["v5.channel.k8s.io", "v4.channel.k8s.io"], _ container: @escaping PracticeExec.Container
    ) {
        setContainer(container, speaks)
    }

    func begin(_ target: ExecTarget, _ request: APIRequest) -> TransportResponse? {
        guard let (container, speaks) = container,
            let (head, subprotocol) = WebSocketHandshake.answer(to: request.head, supported: speaks)
        else { return nil }
        let peer = WebSocketPeer()
        let exec = PracticeExec(target, subprotocol: subprotocol, peer: peer)
        // The container's own life: it ends with the command or with the connection.
        Task {
            await exec.say("")
            await container(exec)
        }
        return peer.response(head)
    }
}
