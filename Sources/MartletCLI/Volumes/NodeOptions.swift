import ArgumentParser
import FileSystemBackup
import VeleroControllers

/// How this process reaches the volumes of pods: it must run on their node.
struct NodeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Save and fill the volumes of pods on this node; default: if it has the kubelet's folder.",
            valueName: "=true|false"))
    var podVolumes: Choice?

    @Option(help: ArgumentHelp("The kubelet's folder on this node.", valueName: "folder"))
    var kubeletFolder = "/var/lib/kubelet"

    @Option(help: ArgumentHelp("A file with the password of the volumes' repositories.", valueName: "file"))
    var repositoryPasswordFile: String?

    @Option(
        help: ArgumentHelp("A program that prints the password of the volumes' repositories.", valueName: "command"))
    var repositoryPasswordCommand: String?

    var folders: NodeFolders { NodeFolders(pods: "\(kubeletFolder)/pods", root: "/") }

    /// Whether volumes are worked on by this process.
    var isOn: Bool { podVolumes?.isOn ?? folders.isThere }
}
