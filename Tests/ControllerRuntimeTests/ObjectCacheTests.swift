import ControllerRuntime
import KubernetesClient
import KubernetesModel
import MartletTestSupport
import PracticeCluster
import Testing

@Suite struct ObjectCacheTests {
    private static let configMaps = ResourceKind(
        groupVersion: GroupVersion(apiVersion: "v1"), resource: "configmaps", kind: "ConfigMap", isNamespaced: true)
    private let path = "/api/v1/namespaces/default/configmaps"

    private func place(_ name: String) -> NamespacedObject { NamespacedObject(namespace: "default", name: name) }

    private func client(_ cluster: PracticeCluster) throws -> APIClient {
        APIClient(endpoint: try APIEndpoint("https://practice"), transport: cluster, clock: SkippingClock()) { 7 }
    }

    private func put(_ name: String, _ value: String, in cluster: PracticeCluster) {
        cluster.request("POST", path, ["metadata": ["name": .string(name)], "data": ["k": .string(value)]])
    }

    @Test func `it follows a cluster through lists, changes and breaks`() async throws {
        let cluster = PracticeCluster()
        for name in ["a", "b", "c"] { put(name, "1", in: cluster) }
        var events = try client(cluster).watch(Self.configMaps, in: "default").makeAsyncIterator()
        var cache = ObjectCache()
        func advance(until isThere: (ObjectCache) -> Bool) async throws -> Set<NamespacedObject> {
            var changed: Set<NamespacedObject> = []
            while !isThere(cache) {  // Ends with the condition; every turn takes an event.
                guard let event = try await events.next() else { break }
                changed.formUnion(cache.apply(event))
            }
            return changed
        }
        #expect(!cache.isComplete)
        let first = try await advance { $0.isComplete }
        #expect(first.isSuperset(of: [place("a"), place("b"), place("c")]))
        let before = cache.count

        cluster.request("PATCH", "\(path)/b", ["data": ["k": "2"]], contentType: "application/merge-patch+json")
        cluster.request("DELETE", "\(path)/c")
        let second = try await advance { $0[place("c")] == nil }
        #expect(second == [place("b"), place("c")])
        #expect(try cache[place("b")]?.decoded().json["data", "k"] == "2")
        #expect(cache.count == before - 1)

        // The server forgets, and while nobody looks one object goes and one comes.
        cluster.request("DELETE", "\(path)/a")
        put("d", "1", in: cluster)
        cluster.compactHistory()
        cluster.cutWatches()
        let third = try await advance { $0[place("a")] == nil && $0[place("d")] != nil }
        #expect(third.isSuperset(of: [place("a"), place("d")]))
        #expect(!third.contains(place("b")), "what did not change is no news")
    }

    @Test func `what a list does not name any more is gone`() throws {
        func object(_ name: String) throws -> RawObject {
            try RawObject(bytes: Array(#"{"kind":"X","apiVersion":"v1","metadata":{"name":"\#(name)"}}"#.utf8))
        }
        var cache = ObjectCache()
        for event in [WatchEvent.relisting, .existing(try object("a")), .existing(try object("b")), .listed] {
            _ = cache.apply(event)
        }
        #expect(cache.apply(.relisting).isEmpty && cache.isComplete)
        #expect(cache.apply(.existing(try object("b"))).isEmpty)
        #expect(cache.count == 2, "until the new list is complete the old state counts")
        #expect(cache.apply(.listed) == [NamespacedObject(namespace: nil, name: "a")])
        #expect(cache.apply(.deleted(try object("a"))).isEmpty)
    }
}
