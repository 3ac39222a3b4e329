import KubernetesClient
import KubernetesModel
import MartletTestSupport
import Testing
import Transport

private func message(_ type: String, _ name: String, _ version: Int) -> String {
    #"{"type":"\#(type)","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"\#(name)","namespace":"n","resourceVersion":"\#(version)"}}}"#
        + "\n"
}

private func gone() -> String {
    #"{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}"# + "\n"
}

extension WatchEvent {
    var word: String {
        switch self {
        case .relisting: "relisting"
        case .existing(let object): "existing \(object.name)"
        case .listed: "listed"
        case .changed(let object): "changed \(object.name)"
        case .deleted(let object): "deleted \(object.name)"
        case .interrupted(let error): "interrupted \(error.code.rawValue)"
        }
    }
}

@Suite struct WatchTests {
    /// Everything until the script is used up, which ends the watch with an error.
    private func words(_ cluster: ScriptedCluster) async -> [String] {
        var words: [String] = []
        do {
            for try await event in cluster.client.watch(configMaps) { words.append(event.word) }
        } catch {
            words.append("failed \(error.code.rawValue)")
        }
        return words
    }

    @Test func `a watch begins where its list ended, and goes on from its last version`() async throws {
        let cluster = try ScriptedCluster([
            .text(200, page(["a", "b"], resourceVersion: "10")),
            .pieces(
                status: 200,
                [
                    String(message("ADDED", "c", 11).dropLast(30)), String(message("ADDED", "c", 11).suffix(30)),
                    message("MODIFIED", "a", 12) + message("BOOKMARK", "", 20),
                ]),
            .pieces(status: 200, [message("DELETED", "b", 21)]),
        ])
        #expect(
            await words(cluster) == [
                "relisting", "existing a", "existing b", "listed", "changed c", "changed a", "deleted b",
                "failed malformed",
            ])
        let versions = cluster.paths.map { path in
            path.split(separator: "&").first { $0.hasPrefix("resourceVersion=") }.map(String.init) ?? ""
        }
        #expect(versions == ["", "resourceVersion=10", "resourceVersion=20", "resourceVersion=21"])
        #expect(cluster.paths[1].hasPrefix("/api/v1/configmaps?watch=true&allowWatchBookmarks=true&"))
    }

    @Test(arguments: [true, false])
    func `a version that is too old leads to a new list`(asStatus: Bool) async throws {
        let cluster = try ScriptedCluster([
            .text(200, page(["a"])),
            asStatus ? .status(410, reason: "Expired") : .pieces(status: 200, [message("ADDED", "b", 11), gone()]),
            .text(200, page(["a"], resourceVersion: "50")),
        ])
        let expected =
            ["relisting", "existing a", "listed"] + (asStatus ? [] : ["changed b"])
            + ["relisting", "existing a", "listed", "failed malformed"]
        #expect(await words(cluster) == expected)
        #expect(cluster.paths.last?.contains("resourceVersion=50") == true)
    }

    @Test func `cuts and failures in between are told and survived`() async throws {
        let cluster = try ScriptedCluster([
            .text(200, page(["a"])),
            .cut([message("ADDED", "b", 11), #"{"type":"ADD"#], .init(.broken, "cut")),
            .failure(.init(.connect, "refused")),
            .status(503, reason: "ServiceUnavailable"),
            .pieces(status: 200, [message("MODIFIED", "b", 12)]),
        ])
        #expect(
            await words(cluster) == [
                "relisting", "existing a", "listed", "changed b", "interrupted unreachable", "interrupted unreachable",
                "interrupted server", "changed b", "failed malformed",
            ])
        #expect(cluster.clock.pauses.count == 3)
    }

    @Test func `a server that ends every watch at once is asked ever more slowly`() async throws {
        let script: [ScriptedTransport.Answer] =
            [.text(200, page([]))] + Array(repeating: .text(200, ""), count: 12)
        let cluster = try ScriptedCluster(script)
        #expect(await words(cluster) == ["relisting", "listed", "failed malformed"])
        #expect(cluster.clock.pauses.count == 12)
        #expect(cluster.clock.pauses.allSatisfy { $0 <= .seconds(30) })
        #expect(cluster.clock.pauses.last.map { $0 >= .seconds(15) } == true)
    }

    @Test func `what may not be watched is an error`() async throws {
        let cluster = try ScriptedCluster([.text(200, page([])), .status(403, reason: "Forbidden")])
        #expect(await words(cluster) == ["relisting", "listed", "failed forbidden"])
    }

    /// A server with a history that is cut at random: whatever happens, whoever applies the events knows the truth in the end.
    @Test(arguments: 0..<200)
    func `the events always add up to what exists`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        var world = ["a", "b"]
        var version = 10
        var script: [ScriptedTransport.Answer] = [.text(200, page(world, resourceVersion: "10"))]
        for _ in 0..<20 {
            // Every watch brings some changes in pieces of random size, then ends in one of the ways a watch can end.
            var body = ""
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                version += 1
                if random.next() % 2 == 0 || world.isEmpty {
                    world.append("x\(version)")
                    body += message("ADDED", "x\(version)", version)
                } else {
                    let name = world.remove(at: Int.random(in: 0..<world.count, using: &random))
                    body += message("DELETED", name, version)
                }
            }
            var pieces: [String] = []
            while !body.isEmpty {
                let size = Int.random(in: 1...200, using: &random)
                pieces.append(String(body.prefix(size)))
                body = String(body.dropFirst(size))
            }
            switch random.next() % 5 {
            case 0: script.append(.pieces(status: 200, pieces))
            case 1: script.append(.cut(pieces + [#"{"ty"#], .init(.broken, "cut")))
            case 2: script += [.pieces(status: 200, pieces), .failure(.init(.connect, "down")), .text(200, "")]
            case 3: script.append(.pieces(status: 200, pieces + [message("BOOKMARK", "", version)]))
            default:
                script.append(.pieces(status: 200, pieces + [gone()]))
                // Something is missed meanwhile, which only the list can tell.
                version += 1
                world = world.dropFirst() + ["m\(version)"]
                script.append(.text(200, page(world.sorted(), resourceVersion: "\(version)")))
            }
        }
        let cluster = try ScriptedCluster(script)
        var known: Set<String> = []
        var listed: Set<String> = []
        do {
            for try await event in cluster.client.watch(configMaps) {
                switch event {
                case .relisting: listed = []
                case .existing(let object): listed.insert(object.name)
                case .listed: known = listed
                case .changed(let object): known.insert(object.name)
                case .deleted(let object): known.remove(object.name)
                case .interrupted: break
                }
            }
        } catch {
            #expect(error.code == .malformed)  // The end of the script.
        }
        #expect(known == Set(world))
        #expect(cluster.transport.unused == 0)
    }
}
