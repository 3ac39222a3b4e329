import ArgumentParser
import ClusterBackup

/// The container that holds restored pods back until their volumes are filled.
struct RestoreHelperOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The image of the container in restored pods that waits for their volumes; it has the program martlet.",
            valueName: "image"))
    var helperImage = "martlet:\(Version.text)"

    /// Its uid is set by the restore.
    var waiter: RestoreWaiter { RestoreWaiter(image: helperImage, restoreUID: "") }
}
