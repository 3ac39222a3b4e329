import ArgumentParser
import Basics
import ClusterBackup
import KubernetesClient
import ResticRepository
import VeleroAPI
import VeleroControllers

struct NodeAgentCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node-agent",
        abstract: "On each node: save and fill the volumes of its pods, until stopped.",
        discussion: """
            Works on the PodVolumeBackups and PodVolumeRestores of its node. What an earlier run left under way is done again,
            which moves only what is missing. Runs as root in a DaemonSet, with the kubelet's folder of pods and, for hostPath
            volumes, the node's root mounted.

            Examples:
              NODE_NAME=node1 martlet node-agent --pods-folder /host_pods --node-root /host
              martlet node-agent --node node1 --pods-folder /var/lib/kubelet/pods --node-root / --store ./backups
            """
    )

    @Option(help: ArgumentHelp("The name of this node; else NODE_NAME.", valueName: "name"))
    var node: String?

    @Option(help: ArgumentHelp("Where the kubelet's folder of pods is mounted.", valueName: "folder"))
    var podsFolder = "/host_pods"

    @Option(
        help: ArgumentHelp(
            "Where the node's root is mounted; without it hostPath volumes cannot be reached.", valueName: "folder"))
    var nodeRoot: String?

    @Option(help: ArgumentHelp("Backups, and beside them restores, at a time.", valueName: "number"))
    var concurrency = 2

    @Option(help: ArgumentHelp("Use this store for every location, whatever the cluster says.", valueName: "store"))
    var store: String?

    @OptionGroup(title: "Cluster") var cluster: ClusterOptions

    func validate() throws {
        if !(1...64).contains(concurrency) { throw ValidationError("--concurrency is a number from 1 to 64") }
    }

    func run(in context: CommandContext) async throws -> ExitStatus {
        guard let node = node ?? context.environment["NODE_NAME"], !node.isEmpty else {
            throw CommandError.usage("which node is this? Name it with --node or in NODE_NAME")
        }
        let namespace = cluster.serviceNamespace(environment: context.environment)
        let client = try await context.connect(cluster)
        let folders = NodeFolders(pods: podsFolder, root: nodeRoot)
        guard folders.isThere else {
            throw CommandError.usage(
                "there is no folder \(podsFolder)", advice: "Mount the node's /var/lib/kubelet/pods there.")
        }
        let worker = VolumeWorker(
            finder: PlaceFinder(client: client, folders: folders),
            repositories: try await pool(context, client, namespace), clock: context.wallClock, pauses: context.clock,
            programVersion: "martlet \(Version.text)")
        let console = context.console
        let agent = NodeAgent(
            client: client, namespace: namespace, node: node, worker: worker, clock: context.clock, limit: concurrency
        ) { event in
            console.note(PlainText.printable(NodeAgentCommand.line(event), keepingLines: false))
        }
        console.note("working on the volumes of node \(node)")
        try await agent.run()
        return .done
    }

    private func pool(
        _ context: CommandContext, _ client: APIClient, _ namespace: String
    ) async throws -> RepositoryPool {
        let locations = LocationStores(client: client, namespace: namespace, context: context)
        let password = RepositoryPassword(
            options: NodePasswordOptions(), context: context, client: client, namespace: namespace)
        var options = ResticRepository.RepositoryOptions()
        options.keyParameters = context.repositoryHost.keyParameters
        let open: @Sendable (String) async throws -> OpenedLocation
        if let store {
            let url = try StoreURL(parsing: store)
            let opened = OpenedLocation(
                store: try await context.openStore(url, true),
                repositoryPrefix: try url.repositoryPrefix(context.aliases))
            open = { _ in opened }
        } else {
            open = { try await locations.open($0) }
        }
        return RepositoryPool(
            open: open, key: { try await password.find() }, options: options,
            environment: context.repositoryEnvironment)
    }

    private static func line(_ event: NodeAgent.Event) -> String {
        switch event {
        case .began(let name): "\(name): begun"
        case .ended(let name, let phase, let message):
            "\(name): \(phase.rawValue)" + (message.map { $0.isEmpty ? "" : ": \($0)" } ?? "")
        case .interrupted(let error): "the API server cannot be reached, trying again: \(ErrorChain.line(error))"
        case .unwritten(let name, let error): "\(name): not written down yet, trying again: \(ErrorChain.line(error))"
        }
    }
}
