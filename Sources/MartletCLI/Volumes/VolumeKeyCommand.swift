import ArgumentParser
import Basics
import KubernetesClient
import VeleroControllers

struct VolumeKeyCommand: RunnableCommand {
    static let configuration = CommandConfiguration(
        commandName: "volume-key",
        abstract: "The password of the volumes' repositories: where it is, or a new one for a new installation.",
        discussion: """
            With --make a new installation gets a random password, in the Secret velero-repo-credentials. It is printed this
            once: keep it outside the cluster. Without it nobody can read the volumes of a lost cluster. A password that is
            there already is neither changed nor printed.

            Examples:
              martlet volume-key
              martlet volume-key --make > /root/volume-key
            """
    )

    @Flag(help: "Make one if there is none, and print it.")
    var make = false

    @OptionGroup(title: "Cluster") var cluster: ClusterOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let client = try await context.connect(cluster)
        let namespace = cluster.serviceNamespace(environment: context.environment)
        if make {
            var random = SystemRandomNumberGenerator()
            let (key, isNew) = try await RepositoryKey.findOrMake(client, in: namespace) { random.next() }
            guard isNew else {
                context.console.note("the password is there already: \(key.source)")
                return say(key, context)
            }
            context.console.line(key.password.reveal())
            context.console.note("made: \(key.source); keep this password outside the cluster, it is not printed again")
            return .done
        }
        guard let key = try await RepositoryKey.find(client, in: namespace) else {
            throw CommandError(
                .notFound, "namespace \(namespace) has no password for the volumes' repositories",
                advice: ["Make one: martlet volume-key --make"])
        }
        context.console.line("the password is in \(key.source), field \(RepositoryKey.field)")
        return say(key, context)
    }

    private func say(_ key: RepositoryKey, _ context: CommandContext) -> ExitStatus {
        if let warning = key.warning { context.console.note("warning: \(warning)") }
        return .done
    }
}
