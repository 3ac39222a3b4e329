import Basics
import ClusterBackup
import KubernetesClient
import KubernetesModel
import NIOCore
import ObjectStorage
import PracticeCluster
import Testing
import Transport
import VeleroAPI

@Suite struct BackupFailureTests {
    /// After whatever went wrong: a backup that can be seen can also be read to its end.
    private func expectWholeOrNothing(_ store: InMemoryObjectStore, _ note: String) async throws {
        for entry in try await StoredBackups(store).list() {
            guard case .whole(let backup) = entry.state else { continue }
            let reader = try await StoredBackups(store).openArchive(entry.name, temporaryFolder: "/tmp")
            #expect(reader.index.count == backup.status.itemsBackedUp, "\(note)")
            let details = try await StoredBackups(store).details(entry.name)
            #expect(details.problems.isEmpty, "\(note)")
            #expect(details.resources.values.reduce(0) { $0 + $1.count } == reader.index.count, "\(note)")
        }
        #expect(store.openUploads == 0, "\(note)")
    }

    @Test(arguments: FailingStore.Moment.allCases, [false, true])
    func `whatever write fails, a backup is whole or not there`(moment: FailingStore.Moment, staysDown: Bool)
        async throws
    {
        var number = 1
        while true {  // Ends when a run needs fewer writes than the one that is to fail.
            let test = try BackupTestCluster()
            test.fill()
            let store = FailingStore(test.store, failAt: number, moment: moment, staysDown: staysDown)
            let outcome = try? await test.back(to: store)
            let note = "write \(number) fails \(moment) it is done, stays down: \(staysDown)"
            try await expectWholeOrNothing(test.store, note)
            guard store.didFail else {
                #expect(outcome?.phase == .partiallyFailed)
                #expect(number > 9, "every file was hit")
                break
            }
            let isVisible = try await test.store.contains(ObjectKey("backups/full/velero-backup.json")!)
            if !staysDown, outcome?.phase == .failed || outcome == nil { #expect(!isVisible, "\(note)") }
            if outcome?.phase == .partiallyFailed { #expect(isVisible, "\(note)") }
            if !staysDown, moment == .before { #expect(try await test.keys().isEmpty, "\(note)") }
            number += 1
        }
    }

    @Test func `an archive in many parts is aborted when its last part fails`() async throws {
        let test = try BackupTestCluster()
        test.createNamespace("app")
        var random = SystemRandomNumberGenerator()
        for number in 0..<30 {
            // Hard to pack, so that the archive has several parts of 8 MiB.
            let text = (0..<60_000).map { _ in String(random.next(), radix: 36) }.joined()
            test.createConfigMap("c\(number)", in: "app", data: String(text.prefix(700_000)))
        }
        let whole = FailingStore(test.store, failAt: .max, moment: .before)
        let outcome = try await test.back(up: "whole", to: whole)
        #expect(outcome.phase == .completed)
        #expect(outcome.archiveSize > .mebibytes(10))
        for number in 2...5 {
            let store = FailingStore(test.store, failAt: number, moment: .before)
            let failed = try await test.back(up: "cut\(number)", to: store)
            #expect(failed.phase == .failed)
            #expect(test.store.openUploads == 0)
        }
        #expect(try await test.keys().allSatisfy { $0.hasPrefix("backups/whole/") })
    }

    @Test func `a kind that may not be read is named and the rest is there`() async throws {
        var settings = PracticeSettings()
        settings.denials = [.init(resource: GroupResource("secrets"))]
        let test = try BackupTestCluster(settings)
        test.fill()
        let outcome = try await test.back { $0.includedNamespaces = ["other"] }
        #expect(outcome.phase == .partiallyFailed)
        #expect(outcome.results.errors.all.contains { $0.contains("resource: /secrets") })
        #expect(try await test.archived().contains("configmaps/other/three"))
    }

    @Test func `a kind that vanished after discovery is named`() async throws {
        let test = try BackupTestCluster()
        test.fill()
        let widgets = GroupResource("widgets.example.org")
        test.cluster.inject(
            Fault(.before { $0.stopServing(widgets) }, on: .init(verb: "list", resource: GroupResource("configmaps"))))
        test.cluster.inject(
            Fault(.before { $0.stopServing(widgets) }, on: .init(verb: "list", resource: GroupResource("pods"))))
        let outcome = try await test.back()
        #expect(outcome.phase == .partiallyFailed)
        #expect(outcome.results.errors.all.contains { $0.contains("resource: /widgets.example.org") })
    }

    @Test func `a server that fails for one kind does not stop the others`() async throws {
        let test = try BackupTestCluster()
        test.fill()
        test.cluster.inject(.failing(500, on: .init(verb: "list", resource: GroupResource("secrets")), count: 100))
        let outcome = try await test.back()
        #expect(outcome.phase == .partiallyFailed)
        #expect(outcome.results.errors.all.contains { $0.contains("resource: /secrets") })
    }

    @Test(arguments: 1...40)
    func `a server that is gone at any request leaves nothing`(request: Int) async throws {
        let test = try BackupTestCluster()
        test.fill()
        test.cluster.inject(Fault(.fail(.connect), first: request, count: 10_000))
        let outcome = try await test.back()
        if test.cluster.unspentFaults.isEmpty == false, outcome.phase != .failed {
            #expect(outcome.phase == .partiallyFailed, "the run needs fewer requests")
            return
        }
        #expect(outcome.phase == .failed)
        #expect(outcome.failure?.code == .unavailable)
        #expect(outcome.backup.status.failureReason?.isEmpty == false)
        #expect(try await test.keys().isEmpty)
    }

    @Test func `a list that breaks off in the middle is an error of its kind or of the run, never a smaller backup`()
        async throws
    {
        for bytes in stride(from: 0, to: 2_000, by: 100) {
            let test = try BackupTestCluster()
            test.fill()
            test.cluster.inject(
                Fault(.cutBody(afterBytes: bytes), on: .init(verb: "list", resource: GroupResource("configmaps"))))
            let outcome = try await test.back { $0.includedNamespaces = ["other"] }
            if outcome.phase == .completed {
                #expect(try await test.archived().contains("configmaps/other/three"))
            } else {
                #expect(outcome.phase == .failed)
                #expect(try await test.keys().isEmpty)
            }
        }
    }

    @Test func `a cancelled run takes everything back`() async throws {
        let test = try BackupTestCluster()
        test.fill()
        let backup = DirectBackup(client: test.client, store: test.store, clock: WallClock { test.now })
        let request = test.request()
        let task = Task {
            try await backup.run(request) { progress in
                if progress.listsDone == 3 { withUnsafeCurrentTask { $0?.cancel() } }
            }
        }
        // The run is cancelled from within one of its lists; then the whole task is.
        task.cancel()
        let outcome = try? await task.value
        #expect(outcome == nil || outcome?.phase == .failed)
        #expect(try await test.keys().isEmpty)
        #expect(test.store.openUploads == 0)
    }

    @Test func `two runs of one name: one wins, and what is there is whole`() async throws {
        let test = try BackupTestCluster()
        test.fill()
        let outcomes = await withTaskGroup(of: BackupOutcome?.self) { group in
            for _ in 0..<4 { group.addTask { try? await test.back { $0.includedNamespaces = ["other"] } } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.compactMap { $0 }.filter { $0.phase == .completed }.count == 1)
        try await expectWholeOrNothing(test.store, "two runs")
        #expect(try await test.keys().count == 9)
    }

    @Test func `who may not list namespaces but names them gets their content`() async throws {
        var settings = PracticeSettings()
        settings.denials = [.init(verbs: ["list"], resource: GroupResource("namespaces"))]
        let test = try BackupTestCluster(settings)
        test.fill()
        let outcome = try await test.back { $0.includedNamespaces = ["other"] }
        #expect(outcome.phase == .completed, "\(outcome.results)")
        #expect(try await test.archived().isSuperset(of: ["configmaps/other/three", "namespaces/other"]))
        let refused = try await test.back(up: "all")
        #expect(refused.phase == .failed)
    }
}
