import Basics
import ClusterBackup
import KubernetesClient
import KubernetesModel
import ObjectStorage
import Synchronization
import VeleroAPI

/// A backup and a cluster, object by object: the plan of a restore tells what is there, what is missing and what is left
/// out by design; where it finds another object, the fields are compared.
struct ClusterDiff {
    let context: CommandContext
    let client: APIClient
    let store: any ObjectStore
    let archive: BackupArchiveReader
    let backup: BackupName
    /// Empty for all.
    let namespaces: [String]

    func run(_ tally: inout DiffTally) async throws {
        let plan = try await makePlan()
        let discovery = try await client.discover()
        for kind in archive.index.kinds where Restored.never.contains(kind) {
            for item in archive.index.items(of: kind) where includes(item.reference) {
                tally.add(.notRestored("objects of this kind never are"), item.reference)
            }
        }
        for step in plan {
            try Task.checkCancellation()
            tally.add(try await finding(step, discovery), step.source)
        }
    }

    private func includes(_ reference: ObjectReference) -> Bool {
        namespaces.isEmpty || reference.namespace.map(namespaces.contains) ?? false
    }

    /// What a restore would do now. Memory: a line for each object.
    private func makePlan() async throws -> [RestoreStep] {
        var spec = RestoreSpec()
        spec.includedNamespaces = namespaces
        let name = try BackupNaming.restoreName("diff-\(context.makeUID())")
        var options = RestoreOptions()
        options.isDryRun = true
        let steps = Collected()
        let reporter = ProgressReporter(
            ProgressMeter(verb: "comparing", unit: "objects"), console: context.console, clock: context.clock)
        let run = RestoreRun(
            client: client, store: store, request: RestoreRequest(name: name, backupName: backup, spec: spec),
            options: options, clock: context.clock, wallClock: context.wallClock,
            temporaryFolder: context.temporaryFolder)
        let outcome = try await run.run { event in
            guard case .step(let step) = event else { return }
            reporter.update(done: steps.append(step), total: nil)
        }
        reporter.finish()
        switch outcome.stop {
        case .cancelled: throw CancellationError()
        case .server(let error), .archive(let error): throw error
        case nil: return steps.all
        }
    }

    private func finding(_ step: RestoreStep, _ discovery: Discovery) async throws -> DiffTally.Finding {
        switch step.verb {
        case .create: return .missing
        case .leave: return .equal
        case .skip: return .notRestored(step.reason ?? "left out")
        case .fail: return .failed(step.reason ?? "no reason given")
        case .keep, .update: break
        }
        guard let kind = discovery.kind(step.target.resource), let item = archive.index.item(step.source) else {
            return .failed("the cluster does not serve this kind")
        }
        guard let live = try await client.find(kind, step.target.name, in: step.target.namespace) else {
            return .missing
        }
        let differences = ObjectComparison.differences(
            original: try archive.object(of: item), restored: try live.decoded(), resource: step.source.resource)
        return differences.isEmpty ? .equal : .different(differences)
    }
}

private final class Collected: Sendable {
    private let steps = Mutex<[RestoreStep]>([])

    var all: [RestoreStep] { steps.withLock { $0 } }

    func append(_ step: RestoreStep) -> Int {
        steps.withLock { steps in
            steps.append(step)
            return steps.count
        }
    }
}
