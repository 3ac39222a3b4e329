package import ArgumentParser

/// Which cluster, and as whom: the flags of kubectl and of velero.
package struct ClusterOptions: ParsableArguments, Sendable {
    @Option(help: ArgumentHelp("The kubeconfig file; else KUBECONFIG, else ~/.kube/config.", valueName: "file"))
    package var kubeconfig: String?

    @Option(
        name: [.customLong("context"), .customLong("kubecontext")],
        help: ArgumentHelp("The context in the kubeconfig file.", valueName: "name"))
    package var context: String?

    @Option(
        name: [.customShort("n", allowingJoined: true), .customLong("namespace")],
        help: ArgumentHelp(
            "The namespace of the backup service and its ConfigMaps; else VELERO_NAMESPACE, else velero.",
            valueName: "name"))
    package var namespace: String?

    @Option(name: .customLong("as"), help: ArgumentHelp("Act as this user.", valueName: "user"))
    package var impersonatedUser: String?

    @Option(
        name: .customLong("as-group"),
        help: ArgumentHelp("Act as a member of this group; repeatable.", valueName: "group"))
    package var impersonatedGroups: [String] = []

    package init() {}

    /// The namespace that velero's objects live in.
    package func serviceNamespace(environment: [String: String]) -> String {
        namespace ?? environment["VELERO_NAMESPACE"].flatMap { $0.isEmpty ? nil : $0 } ?? "velero"
    }
}
