import HTTPTypes
import KubernetesModel
import MartletTestSupport
import PracticeCluster
import Testing

@Suite struct HistoryTests {
    private let maps = "/api/v1/configmaps"

    @Test func `an expired list offers a token to go on inconsistently`() async throws {
        let cluster = PracticeCluster()
        for name in ["a", "b", "c", "d"] { cluster.put(name) }
        let page = try await cluster.ask(.get, "\(maps)?limit=2").json
        let token = page["metadata", "continue"]?.string ?? ""
        cluster.put("bb")
        cluster.compactHistory()
        let refused = try await cluster.ask(.get, "\(maps)?limit=2&continue=\(token)")
        #expect(refused.code == 410)
        let status = try #require(APIStatus(refused.json))
        #expect(status.reason == "Expired")
        let next = try #require(status.continueToken)
        let rest = try await cluster.ask(.get, "\(maps)?limit=50&continue=\(next)")
        #expect(rest.code == 200)
        let names = rest.json["items"]?.array?.compactMap { $0["metadata", "name"]?.string } ?? []
        #expect(names.prefix(3) == ["bb", "c", "d"])
    }

    @Test(arguments: [1, 2, 3, 7, 50]) func `pages of one list are the list, whatever is written meanwhile`(
        size: Int
    ) async throws {
        let cluster = PracticeCluster()
        var random = SeededGenerator(seed: UInt64(size))
        for number in 0..<60 { cluster.put("m\(Int.random(in: 0..<1000, using: &random))-\(number)") }
        let whole = try await cluster.ask(.get, maps).json
        var token: String?
        var items: [JSONValue] = []
        repeat {
            let suffix = token.map { "&continue=\($0)" } ?? ""
            let page = try await cluster.ask(.get, "\(maps)?limit=\(size)\(suffix)").json
            items += page["items"]?.array ?? []
            #expect(page["metadata", "resourceVersion"] == whole["metadata", "resourceVersion"])
            token = page["metadata", "continue"]?.string
            // Writes between the pages: new ones, changes, deletions.
            cluster.put("new\(items.count)-\(Int.random(in: 0..<1000, using: &random))")
            if let victim = cluster.names("configmaps", in: "default").randomElement(using: &random) {
                cluster.request("DELETE", "/api/v1/namespaces/default/configmaps/\(victim.split(separator: "/")[1])")
            }
        } while token != nil
        #expect(items == whole["items"]?.array)
    }

    @Test func `versions rise with every write and are unique`() async throws {
        let cluster = PracticeCluster()
        let versions = (0..<20).compactMap { cluster.put("m\($0)")["metadata", "resourceVersion"]?.string }
            .compactMap { Int($0) }
        #expect(versions == versions.sorted())
        #expect(Set(versions).count == 20)
    }

    @Test func `the same requests give the same cluster`() async throws {
        func build() async throws -> JSONValue {
            let cluster = PracticeCluster()
            cluster.request("POST", "/api/v1/namespaces", ["metadata": ["generateName": "n-"]])
            cluster.request(
                "POST", "/api/v1/namespaces/default/services",
                ["metadata": ["name": "s"], "spec": ["ports": [["port": 1]]]])
            return .array([
                try await cluster.ask(.get, "/api/v1/namespaces").json,
                try await cluster.ask(.get, "/api/v1/secrets").json,
                try await cluster.ask(.get, "/api/v1/services").json,
            ])
        }
        let (first, second) = (try await build(), try await build())
        #expect(first == second)
    }

    @Test func `controllers can be held back`() async throws {
        var settings = PracticeSettings()
        settings.controllers = .manual
        let cluster = PracticeCluster(settings)
        cluster.request("POST", "/api/v1/namespaces", ["metadata": ["name": "late"]])
        #expect(cluster.object("serviceaccounts", "default", in: "late") == nil)
        cluster.tick()
        #expect(cluster.object("serviceaccounts", "default", in: "late") != nil)
        #expect(cluster.object("serviceaccounts", "default", in: "late")?["secrets"] == nil)
        cluster.settle()
        #expect(cluster.object("serviceaccounts", "default", in: "late")?["secrets"] != nil)
    }

    @Test func `the newest version offers all kinds in one answer and makes no token secrets`() async throws {
        var settings = PracticeSettings()
        settings.version = .newest
        let cluster = PracticeCluster(settings)
        let accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
        let answer = try await cluster.ask(.get, "/apis", accept: accept).json
        #expect(answer["kind"] == "APIGroupDiscoveryList")
        let groups = answer["items"]?.array?.compactMap { $0["metadata", "name"]?.string } ?? []
        #expect(groups.contains("apps") && !groups.contains("extensions"))
        #expect(cluster.count("secrets") == 0)
        #expect(try await cluster.ask(.get, "/apis/batch/v1beta1/cronjobs").code == 404)
        #expect(try await cluster.ask(.get, "/apis/batch/v1/cronjobs").code == 200)
        let older = try await PracticeCluster().ask(.get, "/apis", accept: accept).json
        #expect(older["kind"] == "APIGroupList")
    }

    @Test(.timeLimit(.minutes(5))) func `a hundred thousand objects are created and paged in seconds`() async throws {
        let cluster = PracticeCluster()
        let clock = ContinuousClock()
        let created = clock.measure {
            for number in 0..<100_000 { cluster.put("m\(number % 1000)-\(number)", ["k": "some value of no interest"]) }
        }
        var count = 0
        let listed = try await clock.measure {
            var token: String?
            repeat {
                let suffix = token.map { "&continue=\($0)" } ?? ""
                let page = try await cluster.ask(.get, "\(maps)?limit=5000\(suffix)").json
                count += page["items"]?.array?.count ?? 0
                token = page["metadata", "continue"]?.string
            } while token != nil
        }
        #expect(count == cluster.count("configmaps"))
        print("practice cluster: 100,000 objects created in \(created), listed and decoded in \(listed)")
    }
}
