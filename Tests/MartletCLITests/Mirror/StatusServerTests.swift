import Basics
import BucketMirror
import HTTPTypes
import MartletCLI
import NIOCore
import NetworkTransport
import Testing
import Transport

@Suite struct `The status server` {
    @Test(.timeLimit(.minutes(1))) func `answers what it knows, and nothing else`() async throws {
        let server = try await StatusServer.start(ListenAddress("127.0.0.1:0")) { path in
            path == "/health" ? StatusAnswer(200, "text/plain", "ok\n") : nil
        }
        try await withNetworkTransport { transport in
            for (method, path, status, body) in [
                (HTTPRequest.Method.get, "/health", 200, "ok\n"), (.get, "/health?x=1", 200, "ok\n"),
                (.get, "/nothing", 404, nil), (.post, "/health", 405, nil), (.head, "/health", 200, ""),
            ] as [(HTTPRequest.Method, String, Int, String?)] {
                let head = HTTPRequest(method: method, scheme: "http", authority: server.address, path: path)
                let response = try await transport.send(TransportRequest(head: head, body: .empty))
                #expect(response.head.status.code == status, "\(method) \(path)")
                var bytes: [UInt8] = []
                for try await chunk in response.body { bytes += chunk.readableBytesView }
                if let body { #expect(String(decoding: bytes, as: UTF8.self) == body, "\(method) \(path)") }
            }
        }
        await server.stop()
    }

    @Test func `says when its address is taken`() async throws {
        let first = try await StatusServer.start(ListenAddress("127.0.0.1:0")) { _ in nil }
        let error = try await #require(throws: CommandError.self) {
            _ = try await StatusServer.start(ListenAddress(first.address)) { _ in nil }
        }
        #expect(error.message.contains(first.address))
        await first.stop()
    }

    @Test(arguments: [
        ("0.0.0.0:8080", "0.0.0.0", 8080), (":8080", "127.0.0.1", 8080), ("8080", "127.0.0.1", 8080),
        ("[::1]:80", "::1", 80),
    ])
    func `takes an address`(text: String, host: String, port: Int) throws {
        let address = try ListenAddress(text)
        #expect(address.host == host)
        #expect(address.port == port)
    }

    @Test(arguments: ["", "localhost", "h:99999", "h:x"]) func `refuses what is none`(text: String) {
        #expect(throws: CommandError.self) { try ListenAddress(text) }
    }
}

@Suite struct `Metrics of mirrors` {
    private static let now = Timestamp("2026-11-22T12:00:00Z")!

    @Test func `are Prometheus's text`() {
        var metrics = MirrorMetrics(pair: "the \"output\"\\")
        metrics.state = .following
        metrics.lag = .milliseconds(1500)
        metrics.lagObjects = 3
        metrics.replicatedThrough = Self.now + .seconds(-90)
        metrics.gaps = [.ended: 2]
        metrics.errors = ["unavailable/source": 4]
        metrics.streamsUp = ["minio:9000": true]
        let text = MetricsText.text([metrics], now: Self.now)
        for line in [
            "# TYPE martlet_mirror_lag_seconds gauge",
            #"martlet_mirror_lag_seconds{pair="the \"output\"\\"} 1.5"#,
            #"martlet_mirror_lag_objects{pair="the \"output\"\\"} 3"#,
            #"martlet_mirror_replication_age_seconds{pair="the \"output\"\\"} 90"#,
            #"martlet_mirror_gaps_total{pair="the \"output\"\\",cause="ended"} 2"#,
            #"martlet_mirror_errors_total{pair="the \"output\"\\",code="unavailable",side="source"} 4"#,
            #"martlet_mirror_event_stream_up{pair="the \"output\"\\",source="minio:9000"} 1"#,
            #"martlet_mirror_state{pair="the \"output\"\\",state="following"} 1"#,
            #"martlet_mirror_state{pair="the \"output\"\\",state="paused"} 0"#,
        ] { #expect(text.split(separator: "\n").contains(Substring(line)), "\(line)") }
        #expect(!text.contains("scan_age"))
        #expect(text.hasSuffix("\n"))
    }

    @Test func `say of each metric once what it is`() {
        let text = MetricsText.text([MirrorMetrics(pair: "a"), MirrorMetrics(pair: "b")], now: Self.now)
        let helps = text.split(separator: "\n").filter { $0.hasPrefix("# HELP") }
        #expect(Set(helps).count == helps.count)
        #expect(text.contains(#"martlet_mirror_healthy{pair="b"} 1"#))
    }
}
