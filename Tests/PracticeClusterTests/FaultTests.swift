import Basics
import HTTPTypes
import KubernetesModel
import PracticeCluster
import Testing
import Transport

@Suite struct FaultTests {
    private let maps = "/api/v1/namespaces/default/configmaps"

    @Test func `the nth matching request fails, the others do not`() async throws {
        let cluster = PracticeCluster()
        let lists = Fault.Match(verb: "list", resource: GroupResource("configmaps"))
        cluster.inject(.throttled(retryAfterSeconds: 7, on: lists, first: 2))
        #expect(try await cluster.ask(.get, maps).code == 200)
        #expect(try await cluster.ask(.get, "/api/v1/secrets").code == 200)
        let refused = try await cluster.ask(.get, maps)
        #expect(refused.code == 429)
        #expect(refused.headers[.retryAfter] == "7")
        #expect(APIStatus(refused.json)?.reason == "TooManyRequests")
        #expect(try await cluster.ask(.get, maps).code == 200)
        #expect(cluster.unspentFaults.isEmpty)
    }

    @Test func `a fault that never struck is reported`() async throws {
        let cluster = PracticeCluster()
        cluster.inject(.failing(503, on: Fault.Match(verb: "delete")))
        _ = try await cluster.ask(.get, maps)
        #expect(cluster.unspentFaults.count == 1)
    }

    @Test func `a lost answer leaves the write done`() async throws {
        let cluster = PracticeCluster()
        cluster.inject(Fault(.loseAnswer(.broken), on: Fault.Match(verb: "create")))
        await #expect(throws: TransportError.self) {
            try await cluster.ask(.post, maps, ["metadata": ["name": "one"]])
        }
        #expect(cluster.object("configmaps", "one", in: "default") != nil)
        cluster.inject(Fault(.fail(.connect), on: Fault.Match(verb: "create")))
        await #expect(throws: TransportError.self) {
            try await cluster.ask(.post, maps, ["metadata": ["name": "two"]])
        }
        #expect(cluster.object("configmaps", "two", in: "default") == nil)
    }

    @Test func `a cut body ends in an error after the bytes allowed`() async throws {
        let cluster = PracticeCluster()
        cluster.inject(Fault(.cutBody(afterBytes: 10), on: Fault.Match(verb: "list")))
        await #expect(throws: TransportError.self) { try await cluster.ask(.get, maps) }
    }

    @Test func `a delayed request is answered when time has passed`() async throws {
        let cluster = PracticeCluster()
        cluster.inject(Fault(.delay(.seconds(5)), on: Fault.Match(verb: "list")))
        let start = cluster.now
        async let answer = cluster.ask(.get, maps)
        let time = Task {
            while !Task.isCancelled {
                cluster.advance(by: .seconds(1))
                await Task.yield()
            }
        }
        #expect(try await answer.code == 200)
        time.cancel()
        #expect(cluster.now - start >= .seconds(5))
    }

    @Test func `a kind can go between discovery and list`() async throws {
        let cluster = PracticeCluster()
        let jobs = GroupResource("jobs.batch")
        cluster.inject(
            Fault(.after { $0.stopServing(jobs) }, on: Fault.Match(path: "/apis/batch/v1")))
        let found = try await cluster.ask(.get, "/apis/batch/v1").json
        #expect(found["resources"]?.array?.contains { $0["name"] == "jobs" } == true)
        #expect(try await cluster.ask(.get, "/apis/batch/v1/jobs").code == 404)
        cluster.resumeServing(jobs)
        #expect(try await cluster.ask(.get, "/apis/batch/v1/jobs").code == 200)
    }

    @Test func `tokens are asked for and rules refuse by name`() async throws {
        var settings = PracticeSettings()
        settings.users = [Secret("good"): .init("reader")]
        settings.denials = [.init(user: "reader", resource: GroupResource("secrets"))]
        let cluster = PracticeCluster(settings)
        #expect(try await cluster.ask(.get, maps).code == 403)
        #expect(try await cluster.ask(.get, maps, token: "bad").code == 401)
        #expect(try await cluster.ask(.get, maps, token: "good").code == 200)
        let refused = try await cluster.ask(.get, "/api/v1/namespaces/default/secrets", token: "good")
        #expect(
            APIStatus(refused.json)?.message
                == "secrets is forbidden: User \"reader\" cannot list resource \"secrets\" in API group \"\" in the "
                + "namespace \"default\"")
    }

    @Test func `a body over three mebibytes is refused`() async throws {
        let cluster = PracticeCluster()
        let large = JSONValue.string(String(repeating: "x", count: 3 << 20))
        let answer = try await cluster.ask(.post, maps, ["metadata": ["name": "large"], "data": ["k": large]])
        #expect(answer.code == 413)
        #expect(APIStatus(answer.json)?.reason == "RequestEntityTooLarge")
    }
}
