import Basics
import HTTPTypes
import KubernetesClient
import KubernetesModel
import MartletTestSupport
import PracticeCluster
import Testing
import Transport

@Suite struct `Running a command in a container` {
    private func cluster(
        _ settings: PracticeSettings = PracticeSettings(),
        speaks: Set<String> = ["v5.channel.k8s.io", "v4.channel.k8s.io"],
        containers: [String] = ["one"], _ container: @escaping PracticeExec.Container
    ) throws -> (PracticeCluster, APIClient) {
        let cluster = PracticeCluster(settings)
        cluster.request("POST", "/api/v1/namespaces", ["metadata": ["name": "app"]])
        cluster.request(
            "POST", "/api/v1/namespaces/app/pods",
            [
                "metadata": ["name": "web"],
                "spec": ["containers": .array(containers.map { ["name": .string($0), "image": "i"] })],
            ])
        cluster.answerExec(speaks: speaks, container)
        let token: Secret? = settings.users.keys.first
        let client = APIClient(
            endpoint: try APIEndpoint("https://practice"), transport: cluster,
            credentials: FixedCredential(token.map { .bearer($0) } ?? .anonymous), policy: .never,
            clock: ContinuousClock(), random: { 3 })
        return (cluster, client)
    }

    private func command(_ words: String..., container: String? = "one", limit: Int = 1000) -> ExecCommand {
        ExecCommand(namespace: "app", pod: "web", container: container, command: words, outputLimit: limit)
    }

    private func failure(_ client: APIClient, _ command: ExecCommand, timeout: Duration = .seconds(600)) async
        -> APIError?
    {
        do throws(APIError) {
            _ = try await client.exec(command, timeout: timeout)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: ["v5.channel.k8s.io", "v4.channel.k8s.io"])
    func `gives its words and its exit code`(subprotocol: String) async throws {
        let (_, client) = try cluster(speaks: [subprotocol]) { exec in
            await exec.say("container \(exec.container) runs \(exec.command) by \(exec.subprotocol)\n")
            await exec.complain("oh\nno\n")
            await exec.exit(3)
        }
        let result = try await client.exec(command("sh", "-c", "a b&c=%d", ""), timeout: .seconds(600))
        #expect(result.exitCode == 3)
        #expect(!result.hasSucceeded)
        #expect(result.stdout.text == "container one runs [\"sh\", \"-c\", \"a b&c=%d\", \"\"] by \(subprotocol)\n")
        #expect(result.stderr.text == "oh\nno\n")
        #expect(result.lastWords == "no")
    }

    @Test func `keeps no more of its output than it may`() async throws {
        let (_, client) = try cluster { exec in
            for _ in 1...100 { await exec.say(String(repeating: "x", count: 30_000)) }
            await exec.exit()
        }
        let result = try await client.exec(command("yes", limit: 10), timeout: .seconds(600))
        #expect(result.hasSucceeded)
        #expect(result.stdout.text == "xxxxxxxxxx")
        #expect(result.stdout.dropped == 100 * 30_000 - 10)
        #expect(result.stderr.dropped == 0)
    }

    @Test func `feeds it, and ends its input where the server can`() async throws {
        let (_, client) = try cluster { exec in
            var count = 0
            while let bytes = await exec.input() { count += bytes.count }
            await exec.say("\(exec.hasInput) \(count)")
            await exec.exit()
        }
        let result = try await client.exec(
            command("wc"), stdin: Array(repeating: 1, count: 100_000), timeout: .seconds(600))
        #expect(result.stdout.text == "true 100000")
    }

    @Test func `says plainly what the server refuses`() async throws {
        let (_, client) = try cluster(containers: ["one", "two"]) { await $0.exit() }
        let unknown = await failure(client, command("x", container: "three"))
        #expect(unknown?.code == .invalid)
        #expect(unknown?.message == "exec in pods/app/web/exec: container three is not valid for pod web (400)")
        let none = await failure(client, command("x", container: nil))
        #expect(none?.code == .invalid)
        #expect(none?.message.contains("choose one of: [one two]") == true)
        var gone = command("x")
        gone.pod = "other"
        let missing = await failure(client, gone)
        #expect(missing?.code == .notFound)
        let empty = await failure(client, ExecCommand(namespace: "app", pod: "web", command: []))
        #expect(empty?.code == .malformed)
    }

    @Test func `needs the right to do so`() async throws {
        var settings = PracticeSettings()
        settings.users = [Secret("TOKEN"): .init("robot")]
        settings.denials = [.init(user: "robot", resource: GroupResource("pods/exec"))]
        let (_, client) = try cluster(settings) { await $0.exit() }
        let error = await failure(client, command("x"))
        #expect(error?.code == .forbidden)
        #expect(error?.message.contains("cannot get resource \"pods/exec\"") == true)
        #expect(error?.message.contains("TOKEN") == false)
    }

    @Test func `tells a command that cannot be run from one that fails`() async throws {
        let (_, client) = try cluster { await $0.refuse("exec: \"x\": executable file not found in $PATH\n") }
        let error = await failure(client, command("x"))
        #expect(error?.code == .server)
        #expect(
            error?.message
                == "exec in pods/app/web/exec: the command was not run: exec: \"x\": executable file not found in $PATH "
        )
    }

    @Test func `does not wait longer than it may`() async throws {
        let (cluster, _) = try cluster { exec in _ = await exec.input() }
        let client = APIClient(
            endpoint: try APIEndpoint("https://practice"), transport: cluster, policy: .never, clock: SkippingClock(),
            random: { 3 })
        let error = await failure(client, command("sleep"), timeout: .seconds(30))
        #expect(error?.code == .timeout)
        #expect(error?.message.contains("the command may still be running") == true)
    }

    @Test func `is cancelled with the task that waits, and the connection goes with it`() async throws {
        let gone = Gate()
        let begun = Gate()
        let (_, client) = try cluster { exec in
            begun.open()
            _ = await exec.input()
            gone.open()
        }
        let command = command("sleep")
        let task = Task { await failure(client, command) }
        await begun.wait()
        task.cancel()
        let error = await task.value
        #expect(error?.code == .cancelled)
        await gone.wait()
    }

    @Test func `does not believe a server that breaks off`() async throws {
        let (cluster, client) = try cluster { await $0.peer.close() }
        let broken = await failure(client, command("x"))
        #expect(broken?.code == .unreachable)
        cluster.answerExec { exec in
            await exec.peer.send(WebSocketFrame(.close, WebSocketClose(code: 1011, reason: "kubelet away").payload))
            await exec.peer.close()
        }
        let closed = await failure(client, command("x"))
        #expect(closed?.code == .unreachable)
        #expect(closed?.message.contains("code 1011: kubelet away") == true)
        cluster.answerExec { exec in
            await exec.peer.send(raw: [0xFF, 0xFF])
            await exec.peer.close()
        }
        let junk = await failure(client, command("x"))
        #expect(junk?.code == .malformed)
        cluster.answerExec { exec in
            await exec.peer.send(WebSocketFrame(.binary, [9, 1]))
            await exec.peer.close()
        }
        let channel = await failure(client, command("x"))
        #expect(channel?.message.contains("sends on channel 9") == true)
        cluster.answerExec { exec in
            await exec.peer.send(
                WebSocketFrame(.binary, [3] + Array(#"{"status":"Failure","reason":"NonZeroExitCode"}"#.utf8)))
        }
        let codeless = await failure(client, command("x"))
        #expect(codeless?.code == .malformed)
    }

    @Test func `takes a status that comes in pieces`() async throws {
        let (_, client) = try cluster { exec in
            await exec.peer.send(WebSocketFrame(.binary, [3] + Array(#"{"sta"#.utf8)))
            await exec.peer.send(WebSocketFrame(.ping, [1]))
            await exec.peer.send(WebSocketFrame(.binary, [3] + Array(#"tus":"Success"}"#.utf8)))
        }
        let result = try await client.exec(command("x"), timeout: .seconds(600))
        #expect(result.hasSucceeded)
    }

    @Test func `is refused by what answers but speaks no WebSocket`() async throws {
        let (_, old) = try cluster(speaks: ["channel.k8s.io"]) { await $0.exit() }
        let error = await failure(old, command("x"))
        #expect(error?.code == .unsupported)
        let scripted = try ScriptedCluster([.text(200, "<html>")], policy: .never)
        let proxy = await failure(scripted.client, command("x"))
        #expect(proxy?.code == .unsupported)
        #expect(proxy?.message.contains("no WebSocket; is there a proxy on the way") == true)
    }

    @Test func `carries the caller's rights and the person on whose behalf it asks`() async throws {
        let scripted = try ScriptedCluster(
            [.status(401, reason: "Unauthorized"), .status(403, reason: "Forbidden")],
            credentials: FixedCredential(.bearer(Secret("T"))),
            impersonation: Impersonation(user: "ada", groups: ["ops"]),
            policy: .never)
        let error = await failure(scripted.client, command("x"))
        #expect(error?.code == .unauthorized)
        let sent = try #require(scripted.transport.sent.first)
        #expect(sent.head.headerFields[.authorization] == "Bearer T")
        #expect(sent.head.headerFields[.init("impersonate-user")!] == "ada")
        #expect(sent.head.headerFields[.init("sec-websocket-protocol")!] == "v5.channel.k8s.io, v4.channel.k8s.io")
        #expect(
            scripted.paths == [
                "/api/v1/namespaces/app/pods/web/exec?command=x&container=one&stdout=true&stderr=true"
            ])
    }
}

/// Opened once; whoever waits goes on then.
final class Gate: Sendable {
    private let channel = BoundedChannel<Void>(limit: 1)

    func open() { channel.finish() }
    func wait() async { _ = await channel.next() }
}
