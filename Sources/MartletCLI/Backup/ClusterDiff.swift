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
        var planned: Set<ObjectReference> = []
        for step in plan {
            try Task.checkCancellation()
            tally.add(try await finding(step, discovery), step.source)
            planned.insert(step.source)
        }
        // What no plan names: kinds that never come back, and namespaces, which come with what is in them.
        for kind in archive.index.kinds {
            for item in archive.index.items(of: kind)
            where includes(item.reference) && !planned.contains(item.reference) {
                tally.add(
                    Restored.never.contains(kind)
                        ? .notRestored("objects of this kind never are")
                        : try await compare(item.reference, with: item.reference, discovery),
                    item.reference)
            }
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
        case .leave: return .equal
        case .skip: return .notRestored(step.reason ?? "left out")
        case .fail: return .failed(step.reason ?? "no reason given")
        case .create, .keep, .update: return try await compare(step.source, with: step.target, discovery)
        }
    }

    private func compare(
        _ source: ObjectReference, with target: ObjectReference, _ discovery: Discovery
    ) async throws -> DiffTally.Finding {
        guard let kind = discovery.kind(target.resource), let item = archive.index.item(source) else {
            return .failed("the cluster does not serve this kind")
        }
        let original = try archive.object(of: item)
        guard let live = try await client.find(kind, target.name, in: target.namespace) else {
            return try await owner(of: original, discovery).map {
                .notRestored("\($0) makes its own, under other names")
            } ?? .missing
        }
        let differences = ObjectComparison.differences(
            original: original, restored: try live.decoded(), resource: source.resource)
        return differences.isEmpty ? .equal : .different(differences)
    }

    /// The controller that made this object under a name that it made up, if that controller is in the cluster: it then has
    /// its own objects again, and the old one is not missed. An EndpointSlice of a Service, a Pod of a ReplicaSet.
    private func owner(of object: APIObject, _ discovery: Discovery) async throws -> String? {
        guard object.json["metadata", "generateName"] != nil,
            let owner = object.json["metadata", "ownerReferences"]?.array?.first(where: {
                $0["controller"]?.bool == true
            }),
            let version = owner["apiVersion"]?.string, let name = owner["name"]?.string,
            let kindName = owner["kind"]?.string,
            let kind = discovery.kind(of: GroupVersion(apiVersion: version), kindName),
            try await client.find(kind, name, in: kind.isNamespaced ? object.namespace : nil) != nil
        else { return nil }
        return "\(kindName) \(name)"
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
