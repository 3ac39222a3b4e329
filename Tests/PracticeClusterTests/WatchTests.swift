import HTTPTypes
import KubernetesModel
import NIOCore
import PracticeCluster
import Testing
import Transport

@Suite struct WatchTests {
    private let maps = "/api/v1/namespaces/default/configmaps"

    @Test func `a watch without a version begins with what is there and goes on with what happens`() async throws {
        let cluster = PracticeCluster()
        cluster.put("one")
        var watch = try await cluster.watch("\(maps)?watch=1&labelSelector=!none&fieldSelector=metadata.name%3Done")
        #expect(try Event.read(await watch.next()) == [Event(type: "ADDED", name: "one")])
        cluster.put("two")
        cluster.request("PATCH", "\(maps)/one", ["data": ["a": "b"]], contentType: "application/merge-patch+json")
        #expect(try Event.read(await watch.next()) == [Event(type: "MODIFIED", name: "one")])
        cluster.request("DELETE", "\(maps)/one")
        #expect(try Event.read(await watch.next()) == [Event(type: "DELETED", name: "one")])
    }

    @Test func `a watch from a version sends what happened since, in order`() async throws {
        let cluster = PracticeCluster()
        let version = try await cluster.ask(.get, maps).json["metadata", "resourceVersion"]?.string ?? ""
        cluster.put("one")
        cluster.put("two")
        cluster.request("DELETE", "\(maps)/one")
        var watch = try await cluster.watch("\(maps)?watch=true&resourceVersion=\(version)")
        let events = try Event.read(await watch.next())
        #expect(events.map(\.type) == ["ADDED", "ADDED", "DELETED"])
        #expect(events.map(\.name) == ["one", "two", "one"])
    }

    @Test func `an object that begins or ceases to match is added or deleted for the watch`() async throws {
        let cluster = PracticeCluster()
        let version = try await cluster.ask(.get, maps).json["metadata", "resourceVersion"]?.string ?? ""
        cluster.put("one", labels: ["l": "no"])
        var watch = try await cluster.watch("\(maps)?watch=1&labelSelector=l%3Dyes&resourceVersion=\(version)")
        for label in ["yes", "no"] {
            cluster.request(
                "PATCH", "\(maps)/one", ["metadata": ["labels": ["l": .string(label)]]],
                contentType: "application/merge-patch+json")
        }
        #expect(try Event.read(await watch.next()).map(\.type) == ["ADDED", "DELETED"])
    }

    @Test func `a waiting watch wakes up when something is written`() async throws {
        let cluster = PracticeCluster()
        let path = "\(maps)?watch=1&fieldSelector=metadata.name%3Dlate"
        async let events = { () async throws -> [Event] in
            var watch = try await cluster.watch(path)
            return try Event.read(await watch.next())
        }()
        cluster.put("late")
        #expect(try await events == [Event(type: "ADDED", name: "late")])
    }

    @Test func `a watch from a forgotten version ends with an expired error`() async throws {
        let cluster = PracticeCluster()
        cluster.put("one")
        let version = try await cluster.ask(.get, maps).json["metadata", "resourceVersion"]?.string ?? ""
        cluster.put("two")
        cluster.compactHistory()
        var watch = try await cluster.watch("\(maps)?watch=1&resourceVersion=\(version)")
        #expect(try Event.read(await watch.next()) == [Event(type: "ERROR", name: "Expired")])
        #expect(try await watch.next() == nil)
    }

    @Test func `bookmarks come after a minute to those who want them`() async throws {
        let cluster = PracticeCluster()
        let version = try await cluster.ask(.get, maps).json["metadata", "resourceVersion"]?.string ?? ""
        let path = "\(maps)?watch=1&allowWatchBookmarks=true&resourceVersion=\(version)"
        // The iterator has to begin before time moves; asking for a chunk begins it.
        cluster.put("one")
        var watch = try await cluster.watch(path)
        #expect(try Event.read(await watch.next()).map(\.type) == ["ADDED"])
        cluster.advance(by: .seconds(61))
        #expect(try Event.read(await watch.next()).map(\.type) == ["BOOKMARK"])
    }

    @Test func `a watch ends at its timeout`() async throws {
        let cluster = PracticeCluster()
        cluster.put("one")
        var watch = try await cluster.watch("\(maps)?watch=1&timeoutSeconds=30")
        _ = try await watch.next()
        cluster.advance(by: .seconds(31))
        #expect(try await watch.next() == nil)
    }

    @Test func `a cut watch throws, a cancelled one does too`() async throws {
        let cluster = PracticeCluster()
        cluster.put("one")
        var watch = try await cluster.watch("\(maps)?watch=1")
        _ = try await watch.next()
        cluster.cutWatches()
        await #expect(throws: TransportError.self) { try await watch.next() }
        let task = Task {
            var watch = try await cluster.watch("\(maps)?watch=1&fieldSelector=metadata.name%3Dnever")
            return try await watch.next()
        }
        task.cancel()
        await #expect(throws: TransportError.self) { try await task.value }
    }
}
